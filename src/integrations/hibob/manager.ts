/**
 * The manager of a new employee, and others whom a field names: found in HiBob by the e-mail that the mapping gives. Optional, unless
 * the mapping says otherwise.
 */
import {
  type HandlerContext,
  type MappedHire,
  NeedsPerson,
  type ReadyValue,
  type Target,
} from '../../sdk/index.ts'
import type { Bob } from './client.ts'
import { plainEmail, sameEmail } from './folded.ts'
import type { Warning } from './kept.ts'
import type { JoinedHire } from './live-fields.ts'
import { standardField } from './mapping.ts'
import type { MoreValues } from './more-values.ts'
import { managerField } from './new-hire.ts'
import { type Optionally, readOptionally } from './optional-read.ts'
import { standingOf, toGrant } from './whose-record.ts'
import type { Employee } from './wire.ts'

/** For hires of a burst who have one manager. Whatever resumes a run reads afresh. */
const keptSeconds = 600

interface Deps {
  readonly bob: Pick<Bob, 'peopleWithEmail'>
  readonly cached: HandlerContext<unknown, unknown, unknown>['cached']
  readonly optional?: Optionally
}

interface FoundPeople {
  /** Their ids, by field: nothing for whom there is not. */
  readonly more: MoreValues
  readonly warnings: readonly Warning[]
}

type Joined = Pick<MappedHire, 'values'> & Partial<Pick<JoinedHire, 'fields'>>

/** One search for each address, and none where the mapping names nobody. */
export async function peopleInBob(deps: Deps, mapped: Joined | undefined): Promise<FoundPeople> {
  // Without `find` the mapping gives the id itself.
  const wanted = [...(mapped?.values.values() ?? [])].filter(({ find }) => find === 'employee')
  const found: FoundPeople[] = []
  for (const one of wanted) found.push(await personInBob(deps, one, mapped?.fields?.get(one.target)))
  return {
    more: Object.assign({}, ...found.map(({ more }) => more)) as MoreValues,
    warnings: found.flatMap(({ warnings }) => warnings),
  }
}

/** One search for each address, and none where the field names nobody. */
export async function findPerson(
  { bob, cached, optional }: Deps,
  { target, value }: Pick<ReadyValue, 'target' | 'value'>,
  live: Target | undefined,
): Promise<ReturnType<typeof personOf>> {
  if (live !== undefined && live.type !== 'person') return { because: 'it is no field that names a person' }
  const email = plainEmail(value)
  const search = () => cached(`manager:${email.toLowerCase()}`, keptSeconds, () => bob.peopleWithEmail(email))
  const read = await readOptionally(optional, 'People in HiBob', search)
  if ('failure' in read) return { because: read.failure.message.replace(/\.$/, '') }
  return personOf(read.value, email, nameOf(target, live))
}

function nameOf(target: string, live: Target | undefined): string {
  return ((standardField(target) ?? live)?.title ?? target).toLowerCase()
}

async function personInBob(deps: Deps, ready: ReadyValue, live: Target | undefined): Promise<FoundPeople> {
  const { target, source, parks } = ready
  const person = await findPerson(deps, ready, live)
  if ('id' in person) {
    const { title = target, group = 'Work' } = standardField(target) ?? live ?? {}
    const byId = { json: person.id, byId: undefined, listed: false, shownAs: [[person.id]] }
    return { more: { [target]: { ...byId, title, category: group } }, warnings: [] }
  }
  const because = `${person.because} (from ${source ?? 'the mapping'})`
  if (parks) throw personMissing({ target, who: nameOf(target, live), because })
  if (target !== managerField) {
    const message = `The field ${target} was left out: ${because}.`
    return { more: {}, warnings: [{ code: 'hibob.field_left_out', message }] }
  }
  const message = `The manager (${managerField}) was left out: ${because}.`
  return { more: {}, warnings: [{ code: 'hibob.manager_left_out', message }] }
}

/** It names nobody. */
export function personOf(
  records: readonly Employee[],
  email: string,
  who = 'manager',
): { readonly id: string } | { readonly because: string } {
  const matches = records.filter((one) => one.email !== undefined && sameEmail(one.email, email))
  const [only, ...others] = matches
  if (only === undefined) {
    return records.some((one) => one.email === undefined)
      ? { because: `HiBob does not show the service user root.email; grant ${toGrant(['root.email'])}` }
      : {
          because: `HiBob shows the service user no employee with the ${who}’s e-mail; it may be another one there, or not within the access rights`,
        }
  }
  if (others.length > 0) return { because: `several employees have the ${who}’s e-mail` }
  switch (standingOf(only)) {
    case 'here':
      return { id: only.id }
    case 'left':
      return { because: `the employee with the ${who}’s e-mail has left` }
    case 'unclear':
      return {
        because: `HiBob does not say whether the employee with the ${who}’s e-mail has left; grant ${toGrant(['internal.status'])}`,
      }
  }
}

interface Missing {
  readonly target: string
  readonly who: string
  readonly because: string
}

function personMissing({ target, who, because }: Missing): NeedsPerson {
  return new NeedsPerson(
    'hibob.mapping_gaps',
    `The ${who} (${target}) must not be left out, as the mapping says: ${because}.`,
    {
      details: { targets: [target], codes: ['not_found'] },
      fix: `Correct the ${who} in Pinpoint, or their e-mail in HiBob, or change the mapping of ${target} and apply it. The run then resumes automatically, or at once with runs resume RUN.`,
      resumesOn: 'connection',
      watches: ['record'],
    },
  )
}
