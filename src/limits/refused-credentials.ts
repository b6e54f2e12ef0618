/**
 * Stops calls with refused credentials. Until the credentials, and then each permission, have worked a moment ago, only two
 * calls go ahead; once the API has said that they are wrong, none does. And no more calls are refused than a firewall
 * tolerates, whatever the reason: also for rights that a hire can do without, and by pages in front of the API.
 */
import type { Clock } from '../base/clock.ts'
import { type Failure, NeedsPerson } from '../base/failure.ts'
import { createRefusalRate, type RefusalRate } from './refusal-rate.ts'

/** Concurrent calls of one process with credentials, or to a bucket, that have not worked recently. */
const unprovenCalls = 2
const provenMilliseconds = 5000
const mostKept = 5000

interface Proof {
  provenUntil: number
  inFlight: number
}

interface Account extends Proof {
  refused: NeedsPerson | undefined
  /** Each bucket needs its own permission. */
  readonly buckets: Map<string, Proof>
  readonly rate: RefusalRate
}

export interface CredentialInterceptor {
  /**
   * Returns a function when the call may be made, else the instant before which it must not; throws the refusal of an earlier
   * call. The function takes how the call ended; status 0: it was not made, or had no answer. Changed credentials
   * are another `account`.
   */
  enter(
    account: string,
    call: { readonly bucket: string; readonly host: string },
  ): Promise<((status: number, failure?: Failure) => void) | Date>
  /** No call before then: too many were refused. */
  exhaustedUntil(account: string): Date | undefined
}

export function createCredentialInterceptor(clock: Clock): CredentialInterceptor {
  const accounts = new Map<string, Account>()
  /** Counts the 401 of all accounts together, since they get the address blocked. */
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
      // Credentials that worked a moment ago do not wait for others of the host.
      const rates = () => (isProven(account) ? [account.rate] : [account.rate, host])
      const exhausted = () =>
        rates()
          .map((rate) => rate.exhaustedUntil())
          .find((until) => until !== undefined)
      const mayGo = () =>
        proofs.every((proof) => proof.inFlight < unprovenCalls || isProven(proof)) &&
        rates().every((rate) => rate.mayBegin())
      while (account.refused === undefined && exhausted() === undefined && !mayGo()) {
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
      if (account.refused !== undefined) throw account.refused
      const until = exhausted()
      if (until !== undefined) return until

      const counting = rates()
      for (const proof of proofs) proof.inFlight++
      for (const rate of counting) rate.start()
      return (status, failure) => {
        for (const proof of proofs) {
          proof.inFlight--
          if (provesCredentials(status)) proof.provenUntil = now() + provenMilliseconds
        }
        for (const rate of counting) rate.end()
        if (status === 401 || status === 403) account.rate.refused()
        if (status === 401) host.refused()
        if (failure instanceof NeedsPerson && failure.pausesConnection) account.refused = failure
        // Each waiting call checks again, and waits on if it is too early.
        const woken = waiting
        waiting = []
        for (const wake of woken) wake()
      }
    },
  }
}

/** Drops the oldest idle entries beyond the maximum. */
function keep<T>(
  all: Map<string, T>,
  { name, made, isIdle }: { readonly name: string; readonly made: T; readonly isIdle: (entry: T) => boolean },
): T {
  all.set(name, made)
  for (const [oldest, entry] of all) {
    if (all.size <= mostKept) break
    if (entry !== made && isIdle(entry)) all.delete(oldest)
  }
  return made
}

/** 5xx and 429 may come from something in front of the destination, which has not checked the credentials. */
function provesCredentials(status: number): boolean {
  return status >= 200 && status < 500 && ![401, 403, 407, 429].includes(status)
}
