/** The fields and lists that HiBob has now, for a mapping: kept for a while, and read again where a value is not known in them. */
import { createHash } from 'node:crypto'

import {
  AnswerTooLarge,
  type Failure,
  type Gap,
  type Mapped,
  type MappedHire,
  NeedsPerson,
  RetryLater,
  type Target,
  UnrecognisedAnswer,
} from '../../sdk/index.ts'
import type { Bob } from './client.ts'
import { type BobField, targetsOf } from './fields.ts'
import type { Warning } from './kept.ts'
import { fieldIds } from './new-hire.ts'
import { readOptionally } from './optional-read.ts'
import type { Lists } from './place.ts'
import { isOfSalary } from './tables.ts'

/** Fields and lists rarely change. */
const keptSeconds = 600
/** What somebody has added to a list a minute ago is found, and a burst of hires does not ask for each of them. */
const freshSeconds = 30

interface LiveFields {
  /** Those that the mapping fills. Undefined: HiBob does not show its fields to this service user. */
  readonly fields: readonly BobField[] | undefined
  /** Whether it shows its lists. */
  readonly listed: boolean
  /** Changes with any field or list. */
  readonly seen: string
  /** Why something is missing, where it is no right. */
  readonly failure?: Failure
}

/** What the mapping makes of the hire, as HiBob takes it. */
export interface JoinedHire extends MappedHire {
  /** By their ids; none where HiBob does not show them. */
  readonly fields: ReadonlyMap<string, BobField>
  readonly seen: string | undefined
  readonly warnings: readonly Warning[]
}

/** Without the fields the hire is what the fields that every HiBob has allow. */
export async function joinFields(lists: Lists, mapped: Mapped): Promise<JoinedHire> {
  const ids = new Set([...mapped.values.keys(), ...mapped.gaps.map(({ target }) => target)])
  const kept = await liveFields(lists, ids, keptSeconds)
  if (kept.fields === undefined) return unjoined(mapped, kept)
  const joined = mapped.against(kept.fields)
  if (!joined.gaps.some(isOfHibob)) return joinedWith(joined, kept)
  const fresh = await liveFields(lists, ids, freshSeconds)
  if (fresh.fields === undefined) return unjoined(mapped, fresh)
  return joinedWith(mapped.against(fresh.fields), fresh)
}

/** What a change in HiBob can mend. */
export function isOfHibob({ code }: Gap): boolean {
  return ['not_a_choice', 'ambiguous_choice', 'unknown_field', 'not_writable'].includes(code)
}

function joinedWith(hire: MappedHire, { fields = [], listed, seen, failure }: LiveFields): JoinedHire {
  const byId = new Map(fields.map((field) => [field.id, field]))
  const unlisted = [...hire.values.keys()].some((id) => isUnlisted(byId.get(id)))
  return {
    ...{ values: hire.values, gaps: hire.gaps, fields: byId, seen },
    warnings: [...(unlisted && !listed ? [unread(lists, failure)] : []), ...hire.gaps.flatMap(warningOf)],
  }
}

function isUnlisted(field: Target | undefined): boolean {
  return field?.type === 'choice' && field.choices === undefined
}

function unjoined({ values, gaps }: Mapped, { failure }: LiveFields): JoinedHire {
  return {
    ...{ values, gaps, fields: new Map(), seen: undefined },
    warnings: [unread(metadata, failure), ...gaps.flatMap(warningOf)],
  }
}

const metadata = 'the metadata of its fields (company/people/fields)'
const lists = 'its lists (company/named-lists)'

function unread(what: string, failure: Failure | undefined): Warning {
  const message =
    failure === undefined
      ? `HiBob does not show ${what} to the service user, so the mapping was not compared with it. Grant the service user the right to read it.`
      : `HiBob did not give ${what}, so the mapping was not compared with it: ${failure.message}`
  return { code: 'hibob.fields_unread', message }
}

/** Of what must not be left out the run parks. What Pinpoint does not have, and what the mapping itself leaves out, is as expected. */
function warningOf({ target, code, reason, parks }: Gap): readonly Warning[] {
  if (parks || code === 'no_value' || code === 'not_shown' || code === 'not_in_values') return []
  // The row as a whole is told.
  if (isOfSalary(target)) return []
  const message = `The field ${target} was left out: ${reason}`
  if (target === fieldIds.title) return [{ code: 'hibob.title_left_out', message }]
  if (target === fieldIds.department) return [{ code: 'hibob.department_left_out', message }]
  return [{ code: 'hibob.field_left_out', message }]
}

/** Limits and refused credentials are met as everywhere. After an outage of some minutes, the hire goes on without. */
async function liveFields(
  { bob, cached, optional }: Lists,
  ids: ReadonlySet<string>,
  seconds: number,
): Promise<LiveFields> {
  const read = await readOptionally(optional, 'Fields of HiBob', async () => {
    try {
      return await cached('fields', seconds, () => readFields(bob, ids))
    } catch (error) {
      if (isOdd(error)) return error
      throw error
    }
  })
  const live = 'value' in read ? read.value : read.failure
  if (!(live instanceof Error)) return live
  // The fields alone say more than nothing.
  const isOfLists = live.details['bucket'] === 'lists'
  const fields = isOfLists ? await readFields(bob, ids, { withLists: false }).catch(unlessFailure) : undefined
  return { ...(fields ?? nothing), failure: live }
}

const nothing: LiveFields = { fields: undefined, listed: false, seen: '' }

function unlessFailure(error: unknown): undefined {
  const mayGoOn = error instanceof RetryLater || (error instanceof NeedsPerson && !error.pausesConnection)
  if (!mayGoOn) throw error
}

/** A page of something else, or an answer of another shape: it is not kept, and the next hire asks again. */
function isOdd(error: unknown): error is UnrecognisedAnswer | AnswerTooLarge | RetryLater {
  if (error instanceof UnrecognisedAnswer || error instanceof AnswerTooLarge) return true
  return error instanceof RetryLater && error.code === 'hibob.answer_unreadable'
}

async function readFields(
  bob: Bob,
  ids: ReadonlySet<string>,
  { withLists = true } = {},
): Promise<LiveFields> {
  try {
    const fields = await bob.fields()
    const trees = withLists ? await bob.listTrees() : undefined
    const targets = targetsOf(fields, trees)
    // Every HiBob has it: what is without it has been kept from the service user.
    const isShown = targets.some(({ id }) => id === fieldIds.email)
    return {
      fields: isShown ? targets.filter(({ id, required }) => required || ids.has(id)) : undefined,
      listed: trees !== undefined,
      seen: seenIn(targets),
    }
  } catch (error) {
    // A missing permission, or an account without this part of HiBob. Without credentials nothing else would go on either.
    if (!(error instanceof NeedsPerson) || error.pausesConnection || error instanceof AnswerTooLarge)
      throw error
    return nothing
  }
}

/** In whatever order HiBob lists them. */
export function seenIn(fields: readonly Target[]): string {
  const all = fields.map((field) => JSON.stringify(field)).toSorted()
  return createHash('sha256').update(all.join('\n')).digest('base64url')
}

/** As the hires of a connection have seen it: for the recheck of a run that is parked for it. */
export async function fieldsSeen(bob: Pick<Bob, 'fields' | 'listTrees'>): Promise<string> {
  const fields = await bob.fields()
  return seenIn(targetsOf(fields, await bob.listTrees()))
}
