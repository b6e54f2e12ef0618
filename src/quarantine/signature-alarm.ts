/**
 * Raises an alarm when deliveries that look like Pinpoint's begin to fail: the signing secret was probably changed. Junk of a
 * scanner raises no alarm, nor does a second failure, and nobody can cause more than one alarm an hour.
 */
import type { Clock } from '../base/clock.ts'
import type { Quarantine } from '../intake/ports.ts'
import { readEvent } from '../intake/read-event.ts'
import { readSignature } from '../pinpoint/signature.ts'

const quietMilliseconds = 3_600_000

export interface SignatureAlarm {
  /** Slug; undefined: the URL names no tenant. */
  readonly tenant: string | undefined
  readonly signature: 'wrong' | 'missing'
}

interface Failing {
  readonly since: number
  /** True until a delivery is verified. */
  readonly isRaised: boolean
}

export function createSignatureAlarm({
  clock,
  onAlarm,
}: {
  readonly clock: Clock
  readonly onAlarm: (alarm: SignatureAlarm) => void
}): Quarantine {
  const failing = new Map<string, Failing>()
  const reset = (key: string) => {
    const known = failing.get(key)
    if (known?.isRaised === true) failing.set(key, { ...known, isRaised: false })
  }
  return {
    refused(delivery) {
      const key = delivery.tenant?.id ?? ''
      const now = clock.now().getTime()
      const known = failing.get(key)
      if (known !== undefined && (known.isRaised || now - known.since < quietMilliseconds)) return
      // The posts of a scanner do not read as an event.
      if (readEvent(delivery.body).name === undefined) return
      failing.set(key, { since: now, isRaised: true })
      onAlarm({
        tenant: delivery.tenant?.slug,
        signature: readSignature(delivery.signature) === undefined ? 'missing' : 'wrong',
      })
    },
    verified(tenant) {
      reset(tenant.id)
      reset('')
    },
  }
}
