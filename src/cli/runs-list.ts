/** `runs list` */
import { systemClock } from '../base/clock.ts'
import { counted } from '../base/duration.ts'
import { integrationNames } from '../integrations/registry.ts'
import type { RunFilter } from '../operator/operate.ts'
import type { Command, Input } from './command.ts'
import { limitOf, limitOption } from './limit.ts'
import { defined, noneText, partText, runChoiceOf, runFilterOptions } from './run-filter.ts'
import { runTable } from './run-row.ts'
import { runData } from './run-text.ts'
import { hireData, hiresOf, hireText, revealOption } from './shown-hires.ts'
import { machineZone } from './when.ts'
import { withStoreToRead } from './with-store.ts'

export const runsList: Command = {
  name: 'runs list',
  summary: 'List runs, newest first',
  details:
    'Names are masked. What a run waits for stands below it; `runs show` with its application says all of it.',
  options: [
    { name: 'tenant', value: 'TENANT', description: 'Only of this tenant' },
    ...runFilterOptions,
    { name: 'integration', value: 'NAME', values: integrationNames, description: 'Only of this integration' },
    { name: 'event', value: 'EVENT', description: 'Only of this event' },
    { name: 'replay', value: 'REPLAY', description: 'Only of this replay of many' },
    revealOption,
    limitOption,
  ],
  examples: [
    'runs list',
    'runs list --state parked,waiting --since 2d',
    'runs list --application 8863807 --reveal',
    'runs list --tenant acme --json',
  ],
  prints: 'data',
  database: 'reads',
  run: (context) => {
    const filter = filterOf(context.input)
    return withStoreToRead(context, async (store) => {
      const runs = await store.runs.listRuns(filter)
      const none = runs.length === 0 ? await noneText(store, filter) : ''
      const hires = await hiresOf(store, runs, context)
      const data = runs.map((run, index) => ({ ...runData(run), hire: hireData(hires[index]) }))
      if (context.json) return { data }
      if (runs.length === 0) return { data, text: none }
      const named = runs.map((run, index) => ({ run, who: hireText(hires[index], run) }))
      const part = await partText(store.runs, filter, runs.length)
      const count = part === undefined ? `${counted(runs.length, 'run')}.` : `${part}; --limit shows more.`
      return {
        data,
        text: runTable(named, systemClock.now()),
        next: `${count} Times: ${machineZone()}.`,
      }
    })
  },
}

function filterOf(input: Input): RunFilter {
  const more = { event: input.option('event'), replay: input.option('replay') }
  return { ...runChoiceOf(input), ...defined(more), limit: limitOf(input) }
}
