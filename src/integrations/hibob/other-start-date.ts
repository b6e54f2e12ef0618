import { calendarDay } from '../../sdk/index.ts'
import type { Bob } from './client.ts'
import type { Context } from './cv-file.ts'

/**
 * Of somebody whom an earlier run has made. Nothing is changed in HiBob, where a person may have set the day on purpose; so it is told,
 * without the days: they are personal.
 */
export async function warnOfOtherStartDate(
  { optional, warn }: Pick<Context, 'optional' | 'warn'>,
  bob: Pick<Bob, 'employee'>,
  { id, startDate }: { readonly id: string; readonly startDate: string },
): Promise<void> {
  await optional('Start date in HiBob', async () => {
    const held = calendarDay((await bob.employee(id))?.startDate ?? '')
    if (held === undefined || held === startDate) return
    warn(
      'hibob.start_date_differs',
      `Employee ${id} in HiBob has another start date than Pinpoint says now. Nothing was changed: correct the one that is wrong.`,
    )
  })
}
