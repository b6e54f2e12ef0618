/** How much of one tenant may be under way. */
import { variableMeta, wholeNumber } from './variable.ts'

const most = 10_000_000

export const quotaVariables = {
  // Pinpoint lets one address read some 4,000 hires a day: what is beyond twice of that could not be worked on anyway.
  TENANT_EVENTS_PER_DAY: wholeNumber(1, most)
    .prefault('10000')
    .register(variableMeta, {
      description:
        'How many events of one tenant begin within 24 hours. Those beyond are stored and acknowledged, and their runs begin when ' +
        'there is room, the oldest first. See [a tenant is over its quota](../operate/when-things-go-wrong.md#a-tenant-is-over-its-quota).',
      accepts: `1 to ${most}`,
      unit: 'events a tenant',
    }),
  // Runs that wait for a delay or a follow-up count, too: 200 hires a day for two weeks, with two connections.
  TENANT_UNFINISHED_RUNS: wholeNumber(1, most)
    .prefault('5000')
    .register(variableMeta, {
      description:
        'How many runs of one tenant may be unfinished, parked ones included and replays not, before further events begin later.',
      accepts: `1 to ${most}`,
      unit: 'runs a tenant',
    }),
}
