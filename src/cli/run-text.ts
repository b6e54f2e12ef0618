/** One run as people read it: facts, the reason why it waits, and its timeline. */
import { preciseMoment } from '../base/clock.ts'
import { counted, inWords } from '../base/duration.ts'
import type { JsonObject } from '../base/json.ts'
import { integrations } from '../integrations/registry.ts'
import type { RunCost } from '../operator/cost.ts'
import type { RunView, ShownRun } from '../operator/operate.ts'
import { goesOn, recheckText } from './recheck-view.ts'
import { warningsOf } from './run-row.ts'
import { table } from './table.ts'
import { machineZone, momentText, relativeText, whenText } from './when.ts'

export function runData(run: RunView): JsonObject {
  return { ...run, decision: run.decision && { ...run.decision } }
}

/** What is shown in addition to the run itself. */
export interface BesideRun {
  /** Their name, or why there is none. */
  readonly who: string
  /** E-mail address and job title, if they are shown in clear. */
  readonly inClear: { readonly email: string | null; readonly jobTitle: string | null } | undefined
  /** The link to the record. */
  readonly recordUrl: string | undefined
  /** The address of the tenant's Pinpoint. */
  readonly pinpoint: string | undefined
  /** Further runs of the same application and integration. */
  readonly others: readonly RunView[]
  readonly now: Date
}

export function runText({ run, timeline, rechecks, cost }: ShownRun, beside: BesideRun): string {
  const { who, inClear, recordUrl, pinpoint, others, now } = beside
  const facts = [
    ['Hire', who],
    ['E-mail', inClear?.email],
    ['Job title', inClear?.jobTitle],
    ['Application', pinpoint === undefined ? run.subject : `${run.subject} in ${pinpoint}`],
    ['Record', recordUrl],
    ['Tenant', run.tenant],
    ['Integration', run.integration],
    ['Run', run.id],
    ['Event', run.event],
    ['State', `${run.state}, ${sinceText(run.updatedAt, now)}`],
    ['Why', run.reason],
    ['Fix', run.fix],
    ['Resumes', run.resumesOn && goesOn(run.resumesOn, rechecks)],
    ...rechecks.map((recheck) => ['Rechecks', recheckText(recheck, now)]),
    ['Next attempt', run.nextAt && whenText(new Date(run.nextAt), now)],
    ['Decided', decisionText(run)],
    ['Mapping', mappingText(run)],
    ['Result', resultText(run)],
    ['Calls', callsText(cost, run)],
    ...warningLines(run),
    ...others.map(({ id, state, createdAt }) => [
      'Other run',
      `${id}: ${state}, created ${momentText(new Date(createdAt))}`,
    ]),
  ].filter((fact): fact is [string, string] => Boolean(fact[1]))
  const lines = timeline.map(({ at, attempt, kind, text, milliseconds }) => [
    preciseMoment(new Date(at)),
    attempt === 0 ? '' : `attempt ${attempt}`,
    kind,
    milliseconds === undefined ? '' : `${milliseconds} ms`,
    text,
  ])
  return [
    ...facts.map(([name, value]) => `${name.padEnd(12)} ${value}`),
    '',
    table([`TIME (${machineZone()})`, '', '', '', ''], lines),
  ].join('\n')
}

function sinceText(at: string, now: Date): string {
  return `since ${momentText(new Date(at))} (${relativeText(new Date(at), now)})`
}

function resultText(run: RunView): string {
  const { did, recordId, how } = run.result ?? {}
  if (typeof did !== 'string') return ''
  const record = typeof recordId === 'string' ? `: record ${recordId}` : ''
  const lost = how === 'adopted' ? ', found after the answer to the call that makes it was lost' : ''
  const warnings = warningsOf(run)
  return `${did}${record}${lost}${warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`}`
}

function mappingText({ mappingVersion: version, tenant, integration }: RunView): string {
  if (version === null) return ''
  return `version ${version}: mapping show ${tenant} ${integration} --version ${version}`
}

function decisionText({ decision }: RunView): string {
  if (decision === null) return ''
  const { is, record, by, reason, at } = decision
  const what = is === 'record' ? `record ${record ?? ''} is the hire’s` : 'a new record is made'
  return `${what} (${[by, momentText(new Date(at)), reason].filter((part) => part !== null).join(', ')})`
}

/** `2 Pinpoint, 3 HiBob, 2 files; waited 4 seconds for limits`. Empty before the first attempt has ended. */
function callsText(cost: RunCost, { integration }: RunView): string {
  const { pinpoint = 0, file = 0, [integration]: own = 0, ...others } = cost.calls
  const title = integrations.find(({ name }) => name === integration)?.title ?? integration
  const sent = [['Pinpoint', pinpoint], [title, own], ...Object.entries(others)] as const
  const texts = sent.filter(([, count]) => count > 0).map(([name, count]) => `${count} ${name}`)
  if (file > 0) texts.push(counted(file, 'file'))
  const known = texts.length > 0 || cost.uncountedAttempts === 0 ? texts.join(', ') : 'unknown'
  const lost =
    cost.uncountedAttempts === 0 ? '' : ` (without ${counted(cost.uncountedAttempts, 'interrupted attempt')})`
  const waited = cost.waitedForLimitsSeconds
  return [known + lost, waited === 0 ? '' : `waited ${inWords(waited * 1000)} for limits`]
    .filter((text) => text !== '')
    .join('; ')
}

function warningLines({ result }: RunView): readonly (readonly [string, string])[] {
  const warnings = result?.['warnings']
  if (!Array.isArray(warnings)) return []
  return warnings.map((warning: { readonly message?: unknown }) => ['Warning', String(warning.message)])
}
