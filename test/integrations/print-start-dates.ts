/** Prints start dates; run in a process of its own, because a time zone is chosen when a process starts. */
import { startDateOf } from '../../src/integrations/hibob/start-date.ts'
import { hireOf, offerOf } from './a-hire.ts'

const triggeredAt = new Date('2026-03-29T23:30:00Z')
const none = { offers: [], startOn: undefined }
const dates = [
  startDateOf(hireOf({ offers: [offerOf({ startOn: '2026-03-29' })] }), 'park', triggeredAt),
  startDateOf(hireOf({ ...none, startOn: '2026-03-29T00:30:00+01:00' }), 'park', triggeredAt),
  startDateOf(hireOf({ ...none, hiredAt: '2026-03-29T00:30:00+00:00' }), { daysAfterHire: 7 }, triggeredAt),
  startDateOf(hireOf(none), { daysAfterHire: 1 }, triggeredAt),
]
process.stdout.write(JSON.stringify({ offset: -new Date(2026, 11, 24).getTimezoneOffset() / 60, dates }))
