/** Decides whether a run or a preview may start, and with which handler, settings and secrets. */
import { NeedsPerson, Refused } from '../base/failure.ts'
import { openTextOfComment, type TextOfComment } from '../effects/comment-text.ts'
import type { ClaimedRun } from '../runs/run.ts'
import type { Integration } from '../sdk/integration.ts'
import { type ConnectionValues, readConnectionValues } from '../tenants/connection-values.ts'
import { type ApplyMapping, openMapping } from './open-mapping.ts'

export type HireHandler = NonNullable<Integration['on']['application_hired']>

/** The run has taken workers down. */
export class WorkersDied extends NeedsPerson {}

/** The part of a run that this decision needs. */
export interface Startable extends Pick<ClaimedRun, 'integration' | 'takeovers' | 'diedAlone'> {
  readonly event: Pick<ClaimedRun['event'], 'name'>
  readonly connection: Pick<
    ClaimedRun['connection'],
    'enabled' | 'paused' | 'settings' | 'mapping' | 'comment' | 'secrets'
  >
}

export interface OpenHandler extends ConnectionValues {
  readonly handler: HireHandler
  /** Undefined: the connection has no mapping. */
  readonly applyMapping: ApplyMapping | undefined
  readonly textOfComment: TextOfComment
}

/** Throws the reason why the run may not start. */
export function openHandler(integrations: ReadonlyMap<string, Integration>, subject: Startable): OpenHandler {
  assertMayStart(subject)
  const integration = integrations.get(subject.integration)
  const handler = integration?.on.application_hired
  if (integration === undefined || handler === undefined) {
    throw new Refused(
      'runs.no_handler',
      `No integration "${subject.integration}" handles ${subject.event.name}.`,
    )
  }
  const values = valuesOf(integration, subject.connection)
  const applyMapping = openMapping(integration, subject.connection.mapping, values.settings)
  const textOfComment = openTextOfComment({
    template: subject.connection.comment,
    integration: integration.title,
    urlOf: (id) => integration.recordUrl?.(id, values.settings),
  })
  return { handler, applyMapping, textOfComment, ...values }
}

export function assertMayStart({
  takeovers,
  diedAlone,
  connection,
}: Pick<Startable, 'takeovers' | 'diedAlone' | 'connection'>): void {
  if (diedAlone) {
    throw new WorkersDied(
      'runs.crashed_repeatedly',
      `${takeovers} workers died while they were on this run, the last one with no other run at work.`,
      {
        fix: 'Look for the cause in the logs of the workers that died, then resume the run.',
      },
    )
  }
  if (connection.paused !== undefined) {
    const { code, reason, fix } = connection.paused
    throw new NeedsPerson(code, reason, { fix, resumesOn: 'connection' })
  }
  if (!connection.enabled) {
    throw new NeedsPerson('runs.connection_off', 'The connection was switched off before this run started.', {
      fix: 'Enable the connection; the run then resumes automatically. Or cancel the run.',
      resumesOn: 'connection',
    })
  }
}

function valuesOf(integration: Integration, stored: Startable['connection']): ConnectionValues {
  const values = readConnectionValues(integration, stored)
  if (values.ok) return values.value
  const fields = [...new Set(values.faults.map(({ path }) => path || 'the whole'))]
  throw new NeedsPerson(
    'runs.settings_invalid',
    `The connection's settings are not valid: ${fields.join(', ')}.`,
    {
      fix: 'Correct the connection and apply it again; the run then resumes automatically.',
      resumesOn: 'connection',
      details: { fields },
    },
  )
}
