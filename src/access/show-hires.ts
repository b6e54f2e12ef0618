/** How much of who was hired a person is shown: masked, or in clear once that is noted. */
import type { HireDetails } from '../hires/hire.ts'
import { maskedDetails } from '../hires/mask.ts'
import type { ApplicationOfTenant, HireReader } from '../hires/ports.ts'
import type { AuditLog, AuditSource } from './audit.ts'

export interface ShownHire extends HireDetails {
  readonly masked: boolean
}

/** In the order asked for. Undefined where nothing is kept; `unreadable` where no key that is here opens it. */
export type ShowHires = (
  applications: readonly ApplicationOfTenant[],
) => Promise<readonly (ShownHire | 'unreadable' | undefined)[]>

export function showMasked(hires: HireReader): ShowHires {
  return async (applications) =>
    (await hires.read(applications)).map((one) =>
      typeof one === 'object' ? { ...maskedDetails(one), masked: true } : one,
    )
}

/** What cannot be noted is not shown. */
export function showInClear(
  { hires, audit }: { readonly hires: HireReader; readonly audit: AuditLog },
  { actor, machine, command }: AuditSource,
): ShowHires {
  return async (applications) => {
    const read = await hires.read(applications)
    const seen = applications.filter((_, index) => typeof read[index] === 'object')
    if (seen.length > 0) {
      const entries = Array.from(
        Map.groupBy(seen, ({ tenant }) => tenant),
        ([tenant, of]) => {
          const subjects = [...new Set(of.map(({ application }) => application))]
          return { actor, action: 'hires.reveal', tenant, subjects, details: { command, machine } } as const
        },
      )
      await audit.append(entries)
    }
    return read.map((one) => (typeof one === 'object' ? { ...one, masked: false } : one))
  }
}
