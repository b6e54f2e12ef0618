/** What a mapping makes of one hire, target by target, as people and scripts read it. */
import type { JsonObject } from '../base/json.ts'
import { maskedText } from '../hires/mask.ts'
import type { Trial } from '../operator/mapping-trial.ts'
import { table } from './table.ts'

interface Masking {
  readonly masked: boolean
}

export function trialData(trial: Trial, masking: Masking): JsonObject {
  const { target, title, source = null, rule = null, problem } = trial
  const value = shownValue(trial, masking) ?? null
  return { target, title, value, source, rule, problem: problem === undefined ? null : problemData(problem) }
}

function problemData({ code, reason, near, parks, mend }: NonNullable<Trial['problem']>): JsonObject {
  return { code, reason, near, parks, mend: mend ?? null }
}

export function shownValue({ value, organisational }: Trial, { masked }: Masking): string | undefined {
  return value === undefined || organisational || !masked ? value : maskedText(value)
}

export function trialLines(trials: readonly Trial[], masking: Masking): readonly string[] {
  const [head = '', ...rows] = table(
    ['TARGET', 'VALUE', 'FROM'],
    trials.map((one) => [one.target, shownValue(one, masking) ?? '', fromText(one)]),
  ).split('\n')
  const lines = rows.flatMap((row, at) => [row, ...problemLines(trials[at])])
  return [head, ...lines].map((line) => `  ${line}`)
}

function fromText({ value, source, rule }: Trial): string {
  if (value === undefined || rule === 'source') return source ?? ''
  return source === undefined ? (rule ?? '') : `${source} (${rule ?? ''})`
}

export function problemLines(trial: Trial | undefined): readonly string[] {
  if (trial?.problem === undefined) return []
  const { parks, reason, mend } = trial.problem
  return [`  ${parks ? 'PARKS' : 'left out'}: ${reason}`, ...(mend === undefined ? [] : [`    fix: ${mend}`])]
}
