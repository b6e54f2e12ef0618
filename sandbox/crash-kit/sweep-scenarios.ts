/** Ways of a hire whose webhook never comes, the same for every integration. */
import type { Scenario } from './subject.ts'

export const sweepScenarios: readonly Scenario[] = [
  {
    title: 'a sweep finds the hire',
    for: ['sweeps.queueDue', 'sweeps.claim', 'sweeps.record', 'sweeps.end', 'http.send'],
    through: 'sweep',
  },
  {
    title: 'the process of its sweep is gone',
    for: ['sweeps.freeFromDead'],
    through: 'left sweep',
  },
  {
    title: 'Pinpoint is down for a moment while a sweep asks',
    for: ['sweeps.end'],
    through: 'sweep',
    arrange: ({ account, sandbox }) =>
      void sandbox.faults.add({
        system: 'pinpoint',
        operation: 'applications.list',
        account,
        effect: { status: 503, headers: { 'retry-after': '1' } },
      }),
  },
]
