/** What a mapping makes of one hire, target by target, as people and scripts read it. */
import { counted } from '../base/duration.ts'
import type { JsonObject } from '../base/json.ts'
import { maskedText } from '../hires/mask.ts'
import type { Problem, Trial } from '../operator/mapping-trial.ts'
import type { FieldCounts, TrialCounts } from '../operator/trial-counts.ts'
import { table } from './table.ts'

interface Masking {
  readonly masked: boolean
}

export function trialData(trial: Trial, masking: Masking): JsonObject {
  const { target, title, state, source = null, rule = null, person, problem } = trial
  return {
    ...{ target, title, state, value: shownValue(trial, masking) ?? null, source, rule },
    person: person === undefined ? null : { reason: null, ...person },
    problem: problem === undefined ? null : problemData(problem),
  }
}

function problemData({ code, reason, near, parks, mend }: NonNullable<Trial['problem']>): JsonObject {
  return { code, reason, near, parks, mend: mend ?? null }
}

export function countData({ fields, problems, ...hires }: TrialCounts): JsonObject {
  return { ...hires, ...fieldCountData({ fields, problems }) }
}

export function fieldCountData({ fields, problems }: Pick<TrialCounts, 'fields' | 'problems'>): JsonObject {
  return { fields: { ...fields }, problems: problems.map((one) => ({ ...one })) }
}

export function shownValue({ value, open }: Trial, { masked }: Masking): string | undefined {
  return value === undefined || open || !masked ? value : maskedText(value)
}

export function trialLines(trials: readonly Trial[], masking: Masking): readonly string[] {
  const [head = '', ...rows] = table(
    ['TARGET', 'VALUE', 'FROM'],
    trials.map((one) => [
      one.target,
      one.state === 'empty' ? '(empty)' : (shownValue(one, masking) ?? ''),
      fromText(one),
    ]),
  ).split('\n')
  const lines = rows.flatMap((row, at) => [row, ...problemLines(trials[at])])
  return [head, ...lines].map((line) => `  ${line}`)
}

function fromText({ value, source, rule, person }: Trial): string {
  const from =
    value === undefined || rule === 'source'
      ? (source ?? '')
      : source === undefined
        ? (rule ?? '')
        : `${source} (${rule ?? ''})`
  return person?.state === 'found' ? `${from}: found` : from
}

export function problemLines(trial: Trial | undefined): readonly string[] {
  if (trial === undefined || trial.state === 'empty') return []
  const { person, problem } = trial
  const unknown = person?.state === 'unknown' ? [`  cannot be looked up: ${person.reason}`] : []
  if (problem === undefined) return unknown
  const { parks, reason, mend } = problem
  const told = `  ${parks ? 'PARKS' : 'left out'}: ${reason}`
  return [...unknown, told, ...(mend === undefined ? [] : [`    fix: ${mend}`])]
}

/** How many fields there are of each state, and below it each problem with its field. */
export function fieldCountLines({
  fields,
  problems,
}: Pick<TrialCounts, 'fields' | 'problems'>): readonly string[] {
  const rows = problems.map(({ target, code, parks, hires }) => [
    parks ? 'parks' : 'left out',
    target,
    counted(hires, 'hire'),
    problemText[code],
  ])
  const listed = rows.length === 0 ? [] : table(['', 'TARGET', 'HOW OFTEN', 'WHY'], rows).split('\n')
  return [fieldCountText(fields), ...listed.map((line) => `  ${line}`)]
}

function fieldCountText({ sent, empty, leftOut, parks }: FieldCounts): string {
  return `Fields: sent ${sent}, empty in Pinpoint ${empty}, left out for a problem ${leftOut}, parking ${parks}.`
}

/** Without the value, which differs from hire to hire. */
const problemText: Readonly<Record<Problem['code'], string>> = {
  no_value: 'no value in Pinpoint, or not mapped',
  not_shown: 'Pinpoint does not show it to the API key',
  unfit: 'its value does not fit',
  not_in_values: 'its value is not in the values of the mapping',
  unknown_field: 'the destination has no such field',
  not_writable: 'the destination takes no value for it',
  too_long: 'its value is too long',
  not_a_choice: 'its value is not in the list of the destination',
  ambiguous_choice: 'its value is several items of the list',
  not_a_date: 'its value is no day',
  not_a_number: 'its value is no number',
  not_a_boolean: 'its value is neither true nor false',
  not_an_email: 'its value is no e-mail address',
  not_found: 'the person is not found in the destination',
  row_left_out: 'the row that it belongs to is left out',
}
