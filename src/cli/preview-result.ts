/** A preview as people and scripts read it. */
import { counted } from '../base/duration.ts'
import type { JsonObject } from '../base/json.ts'
import type { Chosen } from '../operator/chosen-events.ts'
import { previewAll, type PreviewDeps, type Previewed } from '../operator/preview.ts'
import { type PreviewSummary, type Reason, summarise } from '../operator/preview-summary.ts'
import type { CommandContext } from './command.ts'
import { table } from './table.ts'
import { fieldCountData, fieldCountLines, trialData, trialLines } from './trial-view.ts'
import { momentText } from './when.ts'

/** Beyond this number, previews are counted instead of listed. */
const mostListed = 20

export interface PreviewResult {
  readonly summary: PreviewSummary
  readonly runs: readonly Previewed[]
}

export async function previewChosen(
  { signal, progress }: CommandContext,
  deps: PreviewDeps,
  { chosen, perHour }: { readonly chosen: readonly Chosen[]; readonly perHour: number },
): Promise<PreviewResult> {
  const runs: Previewed[] = []
  const pace = {
    intervalSeconds: 3600 / perHour,
    stopping: signal,
    onWait: (until: Date, reason: string) =>
      progress(`waiting, continues at ${momentText(until)}: ${reason}`),
  }
  for await (const one of previewAll(deps, chosen, pace)) {
    runs.push(one)
    progress(`previewed ${runs.length.toLocaleString('en')} of ${counted(chosen.length, 'run')}`)
  }
  return { summary: summarise(runs), runs }
}

export function previewData({ summary, runs }: PreviewResult): JsonObject {
  const reasons = (all: readonly Reason[]) => all.map((one) => ({ ...one }))
  const { fields, ...outcomes } = summary
  return {
    ...outcomes,
    ...fieldCountData(fields),
    wouldMake: { ...summary.wouldMake },
    wouldPark: reasons(summary.wouldPark),
    wouldRefuse: reasons(summary.wouldRefuse),
    unknown: reasons(summary.unknown),
    warnings: reasons(summary.warnings),
    previewed: runs.map(({ effects, warnings, code, reason, fix, fields, ...one }) => ({
      ...one,
      effects: effects.map((effect) => ({ ...effect })),
      warnings: warnings.map((warning) => ({ ...warning })),
      code: code ?? null,
      reason: reason ?? null,
      fix: fix ?? null,
      fields: fields?.trials.map((trial) => trialData(trial, masking)) ?? null,
      fieldsUnread: fields?.unread ?? null,
    })),
  }
}

export function previewText({ summary, runs }: PreviewResult): string {
  const { nothingToDo, wouldMake } = summary
  if (runs.length === 0) return 'Nothing to preview: no event matches.'
  const because = (what: string) => (one: Reason) =>
    line(one.count, `${what}: ${one.reason}${one.code === '' ? '' : ` (${one.code})`}`)
  const lines = [
    `${counted(summary.events, 'event')}, ${counted(summary.runs, 'run')}:`,
    ...(nothingToDo === 0 ? [] : [line(nothingToDo, 'nothing to do')]),
    ...Object.entries(wouldMake).map(([title, count]) => line(count, `would be made: ${title}`)),
    ...summary.wouldPark.map(because('would park')),
    ...summary.wouldRefuse.map(because('would be refused')),
    ...summary.unknown.map(because('not known')),
    ...summary.warnings.map(because('warning')),
    ...(runs.some(({ fields }) => fields !== undefined) ? fieldCountLines(summary.fields) : []),
  ]
  return [...lines, ...listed(runs)].join('\n')
}

function line(count: number, what: string): string {
  return `${String(count).padStart(6)}  ${what}`
}

function listed(runs: readonly Previewed[]): readonly string[] {
  if (runs.length === 0 || runs.length > mostListed) return []
  const rows = runs.map((one) => [one.event, one.application, one.integration, oneText(one)])
  return ['', table(['EVENT', 'APPLICATION', 'INTEGRATION', ''], rows), ...runs.flatMap(fieldLines)]
}

/** `mapping test --reveal` shows them in clear. */
const masking = { masked: true }

function fieldLines({ event, application, integration, fields }: Previewed): readonly string[] {
  if (fields === undefined || fields.trials.length === 0) return []
  const unread =
    fields.unread === undefined ? [] : [`  not compared with the destination’s own fields: ${fields.unread}`]
  return [
    '',
    `${event}, application ${application}, ${integration}`,
    ...trialLines(fields.trials, masking),
    ...unread,
  ]
}

function oneText({ outcome, effects, reason }: Previewed): string {
  const makes = effects.filter(({ state }) => state === 'would_make').map(({ title }) => title)
  const would = outcome.replaceAll('_', ' ')
  const parts = [
    ...(makes.length === 0 ? [] : [`would make: ${makes.join(', ')}`]),
    ...(reason === undefined ? [] : [`${would}: ${reason}`]),
  ]
  return parts.length === 0 ? would : parts.join('; ')
}
