/** Processes a hire, for a run and for a preview: reads the application, lets the integration handle it, comments in Pinpoint. */
import type { Clock } from '../base/clock.ts'
import { NeedsPerson } from '../base/failure.ts'
import type { ConnectionId } from '../base/ids.ts'
import { attributeEffect, attributeTitle } from '../effects/attribute.ts'
import { commentEffect, commentTitle } from '../effects/comment.ts'
import type { TextOfComment } from '../effects/comment-text.ts'
import { createMadeBefore, type MadeBefore } from '../effects/made-before.ts'
import {
  recordInAttributes,
  recordReferredTo,
  type Reference,
  referenceEffect,
  referenceTitle,
} from '../effects/reference.ts'
import type { Pinpoint } from '../pinpoint/client.ts'
import { fieldToWrite } from '../pinpoint/custom-fields.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'
import { attributeIn } from '../pinpoint/read-application.ts'
import type { ReadHire } from '../pinpoint/read-hire.ts'
import type { ClaimedRun } from '../runs/run.ts'
import type { Effect, Existing } from '../sdk/ensure.ts'
import type { HandlerResult } from '../sdk/integration.ts'
import { attributeOf } from '../tenants/connection-options.ts'
import type { HireContext } from './context.ts'
import { assertHired, type Expecting } from './expected-hire.ts'
import type { HireHandler } from './open-handler.ts'

export interface HireFlow {
  readonly pinpoint: Pinpoint
  readonly clock: Clock
  readonly expecting: Expecting
  readonly handler: HireHandler
  readonly textOfComment: TextOfComment
  readonly connection: Pick<ClaimedRun['connection'], 'id' | 'writeBack'>
  /** Includes the effects, which a run makes and a preview only lists. */
  readonly createContext: (data: HiredApplication, madeBefore: MadeBefore) => HireContext
}

export async function handleHire(flow: HireFlow): Promise<HandlerResult> {
  const { pinpoint, clock, expecting, handler, textOfComment, connection } = flow
  const { subject: id, event } = expecting
  const { application, comments: came, reference, attributes } = await pinpoint.hire(id)
  const data = assertVisible(assertHired(application, expecting))
  const madeBefore = createMadeBefore(
    { pinpoint, clock, came, referredTo: recordWritten(data, reference, connection.id) },
    data,
    event.triggeredAt,
  )
  const context = flow.createContext(data, madeBefore)
  warnOfCut(data, context)
  const result = await handler(context)
  const { record } = result
  // A comment quotes the record's id, so a preview cannot plan one for a record that does not exist yet.
  if (record?.how === 'planned') context.planned(commentTitle)
  else if (record !== undefined) {
    const { text, gap } = textOfComment(record, { application: data, triggeredAt: event.triggeredAt })
    if (gap !== undefined) context.warn('pinpoint.comment_cut', `The comment has its first line only. ${gap}`)
    await context.ensure(commentEffect(pinpoint, { id, came }, { ...record, text }))
  }
  const place = placeOf(flow, context, { reference, attributes })
  if (place !== undefined && record !== undefined) await writeBack(context, record, place)
  return result
}

/** What an earlier run has written into Pinpoint, whether the connection still does so or not. */
function recordWritten(
  { customAttributes }: HiredApplication,
  reference: Reference,
  connection: ConnectionId,
): string | undefined {
  return recordReferredTo(reference, connection) ?? recordInAttributes(customAttributes, connection)
}

interface Place {
  readonly title: string
  readonly effectOf: (record: Existing) => Promise<Effect>
}

/** Custom fields rarely change. */
const fieldSeconds = 600

function placeOf(
  { pinpoint, connection: { id: connection, writeBack }, expecting: { subject: id } }: HireFlow,
  { cached }: Pick<HireContext, 'cached'>,
  came: Pick<ReadHire, 'reference' | 'attributes'>,
): Place | undefined {
  if (writeBack === undefined) return undefined
  const name = attributeOf(writeBack)
  if (name === undefined) {
    const given = { id, connection, came: came.reference }
    return { title: referenceTitle, effectOf: async (record) => referenceEffect(pinpoint, given, record) }
  }
  return {
    title: attributeTitle,
    effectOf: async (record) => {
      const field = await cached(`custom field ${name}`, fieldSeconds, async () =>
        fieldToWrite(await pinpoint.customFields(), name),
      )
      const given = { id, connection, field, came: attributeIn(came.attributes, name) }
      return attributeEffect(pinpoint, given, record)
    },
  }
}

/** Welcome, and never what a hire fails for. */
async function writeBack(
  { planned, optional, ensure, warn }: HireContext,
  record: NonNullable<HandlerResult['record']>,
  { title, effectOf }: Place,
): Promise<void> {
  if (record.how === 'planned') {
    planned(title)
    return
  }
  const failure = await optional(title, async () => {
    await ensure(await effectOf(record))
  })
  if (failure === undefined) return
  warn(
    'pinpoint.reference_not_written',
    `The id of the record was not written into Pinpoint. ${failure.reason}`,
  )
}

function assertVisible(hire: HiredApplication): HiredApplication {
  if (!hire.concealed) return hire
  throw new NeedsPerson(
    'pinpoint.concealed',
    `Application ${hire.id} is concealed by anonymised screening.`,
    {
      fix: 'Reveal the candidate in Pinpoint; the run then resumes automatically.',
      resumesOn: 'record',
    },
  )
}

/** Warns that optional parts were left out because the answer was too large with them. */
function warnOfCut({ cut }: HiredApplication, { warn }: Pick<HireContext, 'warn'>): void {
  if (cut === undefined) return
  warn(
    'pinpoint.answer_cut',
    `Pinpoint’s answer was larger than 2 MiB, so it was read without: ${cut.join(', ')}.`,
  )
}
