/**
 * Keeps refused credentials from being tried again and again. Until the credentials, and then each permission, have proved good
 * a moment ago only two calls go ahead; once the API has said that they are wrong none does. And whatever the reason, no more
 * calls are refused than a firewall bears: also for rights that a hire can do without, and by pages in front of the API.
 */
import type { Clock } from '../base/clock.ts'
import { type Failure, NeedsPerson } from '../base/failure.ts'
import { createRefusalRate, type RefusalRate } from './refusal-rate.ts'

/** Calls of one process at once with credentials, or to a bucket, that have not proved good. */
const unprovenCalls = 2
const provenMilliseconds = 5000
const mostKept = 5000

interface Proof {
  provenUntil: number
  inFlight: number
}

interface Account extends Proof {
  refused: NeedsPerson | undefined
  /** Each needs a permission of its own. */
  readonly buckets: Map<string, Proof>
  readonly rate: RefusalRate
}

export interface CredentialInterceptor {
  /**
   * Answers a function when the call may be made, else the instant before which it must not; throws what an earlier one was
   * refused with. The function is told how the call ended; status 0: it was not made, or had no answer. Changed credentials
   * are another `account`.
   */
  enter(
    account: string,
    call: { readonly bucket: string; readonly host: string },
  ): Promise<((status: number, failure?: Failure) => void) | Date>
  /** Not before then: too many of its calls were refused. */
  exhaustedUntil(account: string): Date | undefined
}

export function createCredentialInterceptor(clock: Clock): CredentialInterceptor {
  const accounts = new Map<string, Account>()
  /** Counts the 401 of all accounts together: for them an address is blocked. */
  const hosts = new Map<string, RefusalRate>()
  let waiting: (() => void)[] = []
  const now = () => clock.now().getTime()
  const isProven = ({ provenUntil }: Proof) => now() < provenUntil

  function accountOf(name: string): Account {
    const known = accounts.get(name)
    if (known !== undefined) return known
    const rate = createRefusalRate(clock)
    const account = { refused: undefined, provenUntil: 0, inFlight: 0, buckets: new Map(), rate }
    return keep(accounts, { name, made: account, isIdle: ({ inFlight }) => inFlight === 0 })
  }

  function hostOf(name: string): RefusalRate {
    return (
      hosts.get(name) ??
      keep(hosts, { name, made: createRefusalRate(clock), isIdle: (rate) => rate.isIdle() })
    )
  }

  return {
    exhaustedUntil: (name) => accounts.get(name)?.rate.exhaustedUntil(),
    async enter(name, { bucket: bucketName, host: hostName }) {
      const account = accountOf(name)
      const bucket = account.buckets.get(bucketName) ?? { provenUntil: 0, inFlight: 0 }
      account.buckets.set(bucketName, bucket)
      const proofs: readonly Proof[] = [account, bucket]
      const host = hostOf(hostName)
      // Credentials that were good a moment ago do not wait for others of the host that may not be.
      const rates = () => (isProven(account) ? [account.rate] : [account.rate, host])
      const rests = () =>
        rates()
          .map((rate) => rate.exhaustedUntil())
          .find((until) => until !== undefined)
      const mayGo = () =>
        proofs.every((proof) => proof.inFlight < unprovenCalls || isProven(proof)) &&
        rates().every((rate) => rate.mayBegin())
      while (account.refused === undefined && rests() === undefined && !mayGo()) {
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
      if (account.refused !== undefined) throw account.refused
      const until = rests()
      if (until !== undefined) return until

      const counting = rates()
      for (const proof of proofs) proof.inFlight++
      for (const rate of counting) rate.start()
      return (status, failure) => {
        for (const proof of proofs) {
          proof.inFlight--
          if (provesGood(status)) proof.provenUntil = now() + provenMilliseconds
        }
        for (const rate of counting) rate.end()
        if (status === 401 || status === 403) account.rate.refused()
        if (status === 401) host.refused()
        if (failure instanceof NeedsPerson && failure.pausesConnection) account.refused = failure
        // Each looks again; those for whom it is too early wait on.
        const woken = waiting
        waiting = []
        for (const wake of woken) wake()
      }
    },
  }
}

/** The oldest go first, as far as they may. */
function keep<T>(
  all: Map<string, T>,
  { name, made, isIdle }: { readonly name: string; readonly made: T; readonly isIdle: (one: T) => boolean },
): T {
  all.set(name, made)
  for (const [oldest, one] of all) {
    if (all.size <= mostKept) break
    if (one !== made && isIdle(one)) all.delete(oldest)
  }
  return made
}

/** 5xx and 429 may come from something in front of the destination, which has not looked at the credentials. */
function provesGood(status: number): boolean {
  return status >= 200 && status < 500 && ![401, 403, 407, 429].includes(status)
}
