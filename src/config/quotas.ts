/** How many events and runs of one tenant may be under way. */
import { variableMeta, wholeNumber } from './variable.ts'

const most = 10_000_000

export const quotaVariables = {
  // Pinpoint lets one address read some 4,000 hires a day: more than twice that could not be worked on anyway.
  TENANT_EVENTS_PER_DAY: wholeNumber(1, most)
    .prefault('10000')
    .register(variableMeta, {
      description:
        'How many events of one tenant are dispatched within 24 hours. Further events are stored and acknowledged, and dispatched when ' +
        'there is room, the oldest first. See [a tenant is over its quota](../operate/when-things-go-wrong.md#a-tenant-is-over-its-quota).',
      accepts: `1 to ${most}`,
      unit: 'events a tenant',
    }),
  // Runs that wait for a delay or a follow-up count too: 200 hires a day for two weeks, with two connections.
  TENANT_UNFINISHED_RUNS: wholeNumber(1, most)
    .prefault('5000')
    .register(variableMeta, {
      description:
        'How many runs of one tenant may be unfinished, including parked runs and excluding replays, before further events are deferred.',
      accepts: `1 to ${most}`,
      unit: 'runs a tenant',
    }),
}
