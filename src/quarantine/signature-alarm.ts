/**
 * Tells once when deliveries that look like Pinpoint's begin to fail: its signing secret was probably changed. A scanner's
 * junk raises no alarm, a second failure none either, and nobody can make it ring more than once an hour.
 */
import type { Clock } from '../base/clock.ts'
import type { Quarantine } from '../intake/ports.ts'
import { readEvent } from '../intake/read-event.ts'
import { readSignature } from '../pinpoint/signature.ts'

const quietMilliseconds = 3_600_000

export interface SignatureAlarm {
  /** Slug; undefined: the address names no tenant. */
  readonly tenant: string | undefined
  readonly signature: 'wrong' | 'missing'
}

interface Failing {
  readonly since: number
  /** True until a delivery is verified. */
  readonly told: boolean
}

export function createSignatureAlarm({
  clock,
  onAlarm,
}: {
  readonly clock: Clock
  readonly onAlarm: (alarm: SignatureAlarm) => void
}): Quarantine {
  const failing = new Map<string, Failing>()
  const calm = (key: string) => {
    const known = failing.get(key)
    if (known?.told === true) failing.set(key, { ...known, told: false })
  }
  return {
    refused(delivery) {
      const key = delivery.tenant?.id ?? ''
      const now = clock.now().getTime()
      const known = failing.get(key)
      if (known !== undefined && (known.told || now - known.since < quietMilliseconds)) return
      // What a scanner posts does not read as an event.
      if (readEvent(delivery.body).name === undefined) return
      failing.set(key, { since: now, told: true })
      onAlarm({
        tenant: delivery.tenant?.slug,
        signature: readSignature(delivery.signature) === undefined ? 'missing' : 'wrong',
      })
    },
    verified(tenant) {
      calm(tenant.id)
      calm('')
    },
  }
}
