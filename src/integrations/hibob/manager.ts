/** The manager of a new employee: found in HiBob by the e-mail that the mapping gives. An optional field, unless the mapping says otherwise. */
import { type HandlerContext, type MappedHire, NeedsPerson } from '../../sdk/index.ts'
import type { Bob } from './client.ts'
import { plainEmail, sameEmail } from './folded.ts'
import type { Warning } from './kept.ts'
import type { MoreValues } from './more-values.ts'
import { managerField } from './new-hire.ts'
import { standingOf, toGrant } from './whose-record.ts'
import type { Employee } from './wire.ts'

/** For hires of a burst who have one manager. Whatever resumes a run reads afresh. */
const keptSeconds = 600

interface Deps {
  readonly bob: Pick<Bob, 'peopleWithEmail'>
  readonly cached: HandlerContext<unknown, unknown, unknown>['cached']
}

interface FoundManager {
  /** The id of the manager: nothing, if there is none. */
  readonly more: MoreValues
  readonly warnings: readonly Warning[]
}

/** One search, and none where the mapping names nobody. */
export async function managerInBob(
  { bob, cached }: Deps,
  mapped: Pick<MappedHire, 'values'> | undefined,
): Promise<FoundManager> {
  const wanted = mapped?.values.get(managerField)
  // Without `find` the mapping gives the id itself.
  if (wanted?.find !== 'employee') return { more: {}, warnings: [] }
  const email = plainEmail(wanted.value)
  const shown = await cached(`manager:${email.toLowerCase()}`, keptSeconds, () => bob.peopleWithEmail(email))
  const manager = managerOf(shown, email)
  if ('id' in manager) return { more: { [managerField]: byId(manager.id) }, warnings: [] }
  const because = `${manager.because} (from ${wanted.source ?? 'the mapping'})`
  if (wanted.parks) throw managerMissing(because)
  const message = `The manager (${managerField}) was left out: ${because}.`
  return { more: {}, warnings: [{ code: 'hibob.manager_left_out', message }] }
}

function byId(id: string): MoreValues[string] {
  return { json: id, byId: undefined, listed: false, title: 'manager', category: 'Work' }
}

/** It names nobody: a manager is a person, too. */
export function managerOf(
  records: readonly Employee[],
  email: string,
): { readonly id: string } | { readonly because: string } {
  const matches = records.filter((one) => one.email !== undefined && sameEmail(one.email, email))
  const [only, ...others] = matches
  if (only === undefined) {
    return records.some((one) => one.email === undefined)
      ? { because: `HiBob does not show the service user root.email; grant ${toGrant(['root.email'])}` }
      : {
          because:
            'HiBob shows the service user no employee with the manager’s e-mail; it may be another one there, or not within the access rights',
        }
  }
  if (others.length > 0) return { because: 'several employees have the manager’s e-mail' }
  switch (standingOf(only)) {
    case 'here':
      return { id: only.id }
    case 'left':
      return { because: 'the employee with the manager’s e-mail has left' }
    case 'unclear':
      return {
        because: `HiBob does not say whether the employee with the manager’s e-mail has left; grant ${toGrant(['internal.status'])}`,
      }
  }
}

function managerMissing(because: string): NeedsPerson {
  return new NeedsPerson(
    'hibob.mapping_gaps',
    `The manager (${managerField}) must not be left out, as the mapping says: ${because}.`,
    {
      details: { targets: [managerField], codes: ['not_found'] },
      fix: 'Correct the manager in Pinpoint, or their e-mail in HiBob, or change the mapping of work.reportsTo and apply it. The run then resumes automatically, or at once with runs resume RUN.',
      resumesOn: 'connection',
      watches: ['record'],
    },
  )
}
