/** How fast refused deliveries may enter the quarantine. */
import type { Clock } from '../base/clock.ts'
import { createAllowance } from '../intake/allowance.ts'

/**
 * A tenant whose secret has just been changed may hire a hundred people at once; an attacker gets one a second. Bodies that do not
 * read as a hire have their own allowance, and so has each application: neither junk nor one repeated hire uses up that of others.
 */
const atOnce = { burst: 100, perSecond: 1 } as const
const ofOneApplication = { burst: 3, perSecond: 1 / 600 } as const

/** `subject`: the application of a delivery that reads as a hire. True when another one is allowed, and counts it. */
export type QuarantineRate = (tenant: string, subject: string | undefined) => boolean

export function createQuarantineRate(clock: Clock): QuarantineRate {
  const hires = createAllowance({ ...atOnce, clock })
  const others = createAllowance({ ...atOnce, clock })
  const applications = createAllowance({ ...ofOneApplication, clock })
  return (tenant, subject) => {
    if (subject === undefined) return others.take(tenant)
    const application = `${tenant} ${subject}`
    // Counted for the application only if it counts for the tenant, which limits what we remember.
    return applications.has(application) && hires.take(tenant) && applications.take(application)
  }
}
