/** A summary of many previews, for the person who decides. */
import type { Previewed } from './preview.ts'
import { countFields, type TrialCounts } from './trial-counts.ts'

export interface PreviewSummary {
  readonly events: number
  readonly runs: number
  readonly nothingToDo: number
  /** The number of effects that would be made, by title. */
  readonly wouldMake: Readonly<Record<string, number>>
  readonly wouldPark: readonly Reason[]
  readonly wouldRefuse: readonly Reason[]
  /** Previews that failed, so their outcome is unknown. */
  readonly unknown: readonly Reason[]
  readonly warnings: readonly Reason[]
  /** Of all runs that come so far: what would be sent, and what would not. */
  readonly fields: Pick<TrialCounts, 'fields' | 'problems'>
}

/** One reason and the number of runs with it. */
export interface Reason {
  readonly count: number
  readonly code: string
  /** Without the ids of single runs. */
  readonly reason: string
}

export function summarise(previewed: readonly Previewed[]): PreviewSummary {
  const of = (outcome: Previewed['outcome']) => previewed.filter((one) => one.outcome === outcome)
  const made = previewed.flatMap(({ effects }) => effects).filter(({ state }) => state === 'would_make')
  return {
    events: new Set(previewed.map(({ event }) => event)).size,
    runs: previewed.length,
    nothingToDo: of('nothing_to_do').length,
    wouldMake: Object.fromEntries(
      [...Map.groupBy(made, ({ title }) => title)].map(([title, all]) => [title, all.length]),
    ),
    wouldPark: reasons(of('would_park').map(toReason)),
    wouldRefuse: reasons(of('would_refuse').map(toReason)),
    unknown: reasons(of('unknown').map(toReason)),
    warnings: reasons(
      previewed.flatMap((one) =>
        one.warnings.map(({ code, message }) => ({ code, reason: anonymous(message, one) })),
      ),
    ),
    fields: countFields(previewed.flatMap((one) => (one.fields === undefined ? [] : [one.fields.trials]))),
  }
}

function toReason(one: Previewed) {
  return { code: one.code ?? '', reason: anonymous(one.reason ?? '', one) }
}

/** "Application 9000001 lacks …" and "Application 9000002 lacks …" are one reason. */
function anonymous(text: string, { application, event }: Previewed): string {
  return [application, event].filter((id) => id !== '').reduce((rest, id) => rest.replaceAll(id, '…'), text)
}

/** Sorted, most frequent first. */
function reasons(all: readonly { readonly code: string; readonly reason: string }[]): readonly Reason[] {
  const groups = Map.groupBy(all, ({ code, reason }) => `${code} ${reason}`)
  return [...groups.values()]
    .flatMap((group) => (group[0] === undefined ? [] : [{ ...group[0], count: group.length }]))
    .sort((one, other) => other.count - one.count)
}
