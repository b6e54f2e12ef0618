/**
 * Keeps refused credentials from being tried again and again: HiBob's firewall blocks an address after 50 refusals in ten
 * seconds. Until the credentials, and then each permission, have proved good a moment ago only two calls go ahead; after
 * a refusal none does.
 */
import type { Clock } from '../base/clock.ts'
import { type Failure, NeedsPerson } from '../base/failure.ts'

/** Calls of one process at once with credentials, or to a bucket, that have not proved good. */
const unprovenCalls = 2
const provenMilliseconds = 5000
const mostAccounts = 5000

interface Proof {
  provenUntil: number
  inFlight: number
}

interface Account extends Proof {
  refused: NeedsPerson | undefined
  /** Each needs a permission of its own. */
  readonly buckets: Map<string, Proof>
  readonly waiting: (() => void)[]
}

export interface CredentialGate {
  /**
   * Resolves when the call may be made; throws what an earlier one was refused with. What it resolves with is told how
   * the call ended; status 0: it was not made, or had no answer. Changed credentials are another `account`.
   */
  enter(account: string, bucket: string): Promise<(status: number, failure?: Failure) => void>
}

export function createCredentialGate(clock: Clock): CredentialGate {
  const accounts = new Map<string, Account>()
  const now = () => clock.now().getTime()

  function accountOf(name: string): Account {
    const known = accounts.get(name)
    if (known !== undefined) return known
    const account = { refused: undefined, provenUntil: 0, inFlight: 0, buckets: new Map(), waiting: [] }
    accounts.set(name, account)
    for (const [oldest, { inFlight }] of accounts) {
      if (accounts.size <= mostAccounts) break
      if (inFlight === 0) accounts.delete(oldest)
    }
    return account
  }

  return {
    async enter(name, bucketName) {
      const account = accountOf(name)
      const bucket = account.buckets.get(bucketName) ?? { provenUntil: 0, inFlight: 0 }
      account.buckets.set(bucketName, bucket)
      const proofs: readonly Proof[] = [account, bucket]
      const mayGo = () =>
        proofs.every(({ provenUntil, inFlight }) => inFlight < unprovenCalls || now() < provenUntil)
      while (account.refused === undefined && !mayGo()) {
        await new Promise<void>((resolve) => account.waiting.push(resolve))
      }
      if (account.refused !== undefined) throw account.refused
      for (const proof of proofs) proof.inFlight++
      return (status, failure) => {
        for (const proof of proofs) {
          proof.inFlight--
          if (provesGood(status)) proof.provenUntil = now() + provenMilliseconds
        }
        if (failure instanceof NeedsPerson && failure.pausesConnection) account.refused = failure
        // Each looks again; those for whom it is too early wait on.
        for (const wake of account.waiting.splice(0)) wake()
      }
    },
  }
}

/** 5xx and 429 may come from something in front of the destination, which has not looked at the credentials. */
function provesGood(status: number): boolean {
  return status >= 200 && status < 500 && ![401, 403, 407, 429].includes(status)
}
