/**
 * Stores refused deliveries without slowing honest ones: into a small queue at once, into the database later, one small
 * batch at a time. A delivery that does not fit is dropped and counted; Pinpoint sends an honest one again.
 */
import type { Clock } from '../base/clock.ts'
import { hireSubject } from '../intake/hire-subject.ts'
import type { Quarantine, RefusedDelivery } from '../intake/ports.ts'
import { readSignature } from '../pinpoint/signature.ts'
import type { Kept, QuarantineWriter, Suspect } from './ports.ts'
import { createQuarantineRate } from './quarantine-rate.ts'

/** Pinpoint's bodies have a few hundred bytes: a larger one is no hire. */
const maxBodyBytes = 64 * 1024
/** The limits of the memory queue and of one transaction. Half of the queue is for hires only. */
const queueLength = 200
const queueBytes = 4 * 1024 * 1024
const batchSize = 50
/** Between two transactions: at most four a second, however many deliveries are refused. */
const pauseMilliseconds = 250
/** How long closing waits for the queue. */
const closingMilliseconds = 2_000

export type QuarantineOutcome = Kept | 'too_large' | 'rate_limited' | 'queue_full' | 'not_written'

export interface QuarantineDeps {
  readonly store: QuarantineWriter
  readonly clock: Clock
  readonly onOutcome: (outcome: QuarantineOutcome) => void
  /** Reports a database that does not accept writes. */
  readonly outage: { failed(error: unknown): void; worked(): void }
  readonly alarm: Quarantine
}

export interface OpenQuarantine extends Quarantine {
  /** Writes the queue, for two seconds at most. */
  close(): Promise<void>
}

export function createQuarantine({ store, clock, onOutcome, outage, alarm }: QuarantineDeps): OpenQuarantine {
  const isAllowed = createQuarantineRate(clock)
  const closing = new AbortController()
  let waiting: Suspect[] = []
  let waitingBytes = 0
  let writing: Promise<void> | undefined

  function refusalOf(delivery: RefusedDelivery, subject?: string): QuarantineOutcome | undefined {
    const { tenant, body } = delivery
    if (body.length > maxBodyBytes) return 'too_large'
    if (!isAllowed(tenant?.id ?? '', subject)) return 'rate_limited'
    // After the allowance: the alarm may parse the body, and the number of parses must be limited.
    alarm.refused(delivery)
    const share = subject === undefined ? 2 : 1
    if (waiting.length >= queueLength / share) return 'queue_full'
    return waitingBytes + body.length > queueBytes / share ? 'queue_full' : undefined
  }

  function queue({ tenant, asked, body, signature }: RefusedDelivery, subject: string | undefined): void {
    const said = { tenant: tenant?.id, asked, subject, body }
    waiting.push({ ...said, signature: readSignature(signature), receivedAt: clock.now() })
    waitingBytes += body.length
    writing ??= writeAll()
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, batchSize)
      waiting = waiting.slice(batchSize)
      waitingBytes = waiting.reduce((sum, { body }) => sum + body.length, 0)
      await write(batch)
      await clock.sleep(pauseMilliseconds, closing.signal)
    }
    writing = undefined
  }

  async function write(batch: readonly Suspect[]): Promise<void> {
    try {
      for (const outcome of await store.add(batch)) onOutcome(outcome)
      outage.worked()
    } catch (error) {
      // The sender was promised nothing, so the write is not repeated: memory must not grow while the database is away.
      outage.failed(error)
      for (const _ of batch) onOutcome('not_written')
    }
  }

  return {
    refused(delivery) {
      const subject = hireSubject(delivery)
      const outcome = refusalOf(delivery, subject)
      if (outcome === undefined) queue(delivery, subject)
      else onOutcome(outcome)
    },
    verified: (tenant) => alarm.verified(tenant),
    async close() {
      closing.abort()
      const late = new AbortController()
      await Promise.race([writing, clock.sleep(closingMilliseconds, late.signal)])
      late.abort()
    },
  }
}
