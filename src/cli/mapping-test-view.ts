/** What `mapping test` prints. */
import type { JsonObject } from '../base/json.ts'
import type { Difference, Trial } from '../operator/mapping-trial.ts'
import { countTrials, type TrialCounts, wouldPark } from '../operator/trial-counts.ts'
import type { Extra } from '../pinpoint/read-hire.ts'
import type { CommandResult } from './command.ts'
import { notSentAlong } from './sources-list.ts'
import { countData, fieldCountLines, problemLines, shownValue, trialData, trialLines } from './trial-view.ts'

export interface TestedHire {
  readonly application: string
  /** Undefined: Pinpoint does not show the application any more. */
  readonly trials: readonly Trial[] | undefined
  /** With the mapping of the file. */
  readonly after: readonly Trial[] | undefined
  readonly differs: readonly Difference[]
  /** What Pinpoint does not send along. */
  readonly notShown: readonly Extra[]
}

interface About {
  readonly tenant: string
  readonly integration: string
  readonly version: number | null
  readonly masked: boolean
}

export function testedResult(about: About, hires: readonly TestedHire[]): CommandResult {
  const counts = countTrials(shownOf(hires, 'trials'))
  return {
    data: {
      ...about,
      counts: countData(counts),
      hires: hires.map(({ application, trials, notShown }) => ({
        application,
        fields: trials?.map((one) => trialData(one, about)) ?? null,
        notShown,
      })),
    },
    text: [...hires.map((hire) => hireText(hire, about)), countLines(counts).join('\n')].join('\n\n'),
  }
}

export function comparedResult(about: About, hires: readonly TestedHire[]): CommandResult {
  const [before, after] = [countTrials(shownOf(hires, 'trials')), countTrials(shownOf(hires, 'after'))]
  const changed = hires.filter(({ differs }) => differs.length > 0)
  const data = ({ target, ...one }: Difference): JsonObject => ({
    target,
    before: one.before === undefined ? null : trialData(one.before, about),
    after: one.after === undefined ? null : trialData(one.after, about),
  })
  const missing = hires.filter(({ trials }) => trials === undefined).map((hire) => hireText(hire, about))
  return {
    data: {
      ...about,
      counts: { before: countData(before), after: countData(after) },
      hires: hires.map(({ application, trials, differs, notShown }) => ({
        application,
        differs: trials === undefined ? null : differs.map(data),
        notShown,
      })),
    },
    text: [
      ...missing,
      ...changed.map(({ application, differs }) => differenceText(application, differs, about)),
      changed.length === 0 ? 'Nothing would differ.' : `Would differ: ${changed.length} of ${before.hires}.`,
      [`Now: ${countText(before)}`, `With the file: ${countLines(after).join('\n')}`].join('\n'),
    ].join('\n\n'),
  }
}

function shownOf(hires: readonly TestedHire[], which: 'trials' | 'after') {
  return hires.map((hire) => hire[which]).filter((trials) => trials !== undefined)
}

function hireText({ application, trials, notShown }: TestedHire, about: About): string {
  if (trials === undefined)
    return `Application ${application}: Pinpoint does not know it any more, or does not show it to this API key.`
  const ends = wouldPark(trials) ? ': would park' : ''
  const refused = notShown.length === 0 ? [] : [notSentAlong(notShown)]
  return [`Application ${application}${ends}`, ...trialLines(trials, about), ...refused].join('\n')
}

function differenceText(application: string, differs: readonly Difference[], about: About): string {
  const side = (sign: string, trial: Trial | undefined) =>
    [
      `  ${sign} ${(trial && shownValue(trial, about)) ?? '(nothing)'}`,
      ...problemLines(trial).map((line) => `  ${line}`),
    ].join('\n')
  const lines = differs.map(({ target, before, after }) => [
    `  ${target}`,
    side('-', before),
    side('+', after),
  ])
  return [`Application ${application}`, ...lines.flat()].join('\n')
}

function countLines(counts: TrialCounts): readonly string[] {
  return [countText(counts), ...(counts.hires === 0 ? [] : fieldCountLines(counts))]
}

function countText({ hires, whole, leaveOut, park }: TrialCounts): string {
  if (hires === 0) return 'No hires.'
  return `Of ${hires}, ${whole} would go through with all that Pinpoint has, ${leaveOut} with something left out, and ${park} would park.`
}
