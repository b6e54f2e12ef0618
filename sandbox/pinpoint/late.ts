/** An API that is behind its webhook. */
import type { Clock } from '../../src/base/clock.ts'
import type { Application } from './application.ts'

/** What a read shows of the application: at first as it was. Undefined: it is not there, or not yet. Counts the read. */
export function readLate(
  application: Application | undefined,
  { clock, keep }: { readonly clock: Clock; readonly keep: (application: Application) => void },
): Application | undefined {
  const { late, updatedAt } = application ?? {}
  if (!application || !late || !updatedAt) return application
  const { as, reads, ms } = late
  if (reads === 0 && clock.now().getTime() >= updatedAt.getTime() + ms) return application
  keep({ ...application, late: { ...late, reads: Math.max(0, reads - 1) } })
  return as === 'absent' ? undefined : { ...application, stage: as }
}
