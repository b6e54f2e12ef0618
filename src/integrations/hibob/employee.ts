/** Finds the employee who is already in HiBob, if they are known to be the hire; in doubt, the run parks for a person. */
import { type HiredApplication, type Made, NeedsPerson, type Occupied } from '../../sdk/index.ts'
import type { Bob } from './client.ts'
import { sameEmail } from './folded.ts'
import type { NewHire } from './new-hire.ts'
import { type Candidate, toGrant, type Verdict, whoseRecord } from './whose-record.ts'

export function candidateOf(
  { preferredName, internalCandidate, isDemo }: HiredApplication,
  {
    email,
    firstName,
    login = email,
    sentAs,
  }: Pick<NewHire, 'email' | 'firstName'> & {
    readonly login?: string
    /** The first name that a mapping gives HiBob, where it is one of the person's own. */
    readonly sentAs?: string | undefined
  },
): Candidate {
  const names = [firstName, preferredName, sentAs].filter((name) => name !== undefined)
  return {
    email,
    ...(!sameEmail(login, email) && { login }),
    firstNames: [...new Set(names)],
    internal: internalCandidate && !isDemo,
  }
}

export async function findEmployee(bob: Bob, candidate: Candidate): Promise<Made | Occupied | undefined> {
  const records = await bob.peopleWithEmail(candidate.email, candidate.login)
  const verdict = whoseRecord(candidate, { by: 'email', records })
  return verdict.is === 'login_taken' ? { occupied: loginTaken(verdict) } : given(verdict, 'email')
}

/** The record that the ledger or a comment names. Its e-mail may have changed since, for example to a company address. */
export async function findEmployeeById(
  bob: Bob,
  candidate: Candidate,
  { id, named }: { readonly id: string; readonly named: 'on_record' | 'by_person' },
): Promise<Made | undefined> {
  // The id may belong to another destination; HiBob's are digits.
  if (!/^\d+$/.test(id)) return undefined
  const record = await bob.employee(id)
  if (record === undefined || named === 'by_person') return record && { id: record.id }
  return given(whoseRecord(candidate, { by: 'id', record }), 'id')
}

/** Called when nobody was found. */
export function assertMayMake(candidate: Candidate): void {
  if (whoseRecord(candidate, { by: 'email', records: [] }).is !== 'internal') return
  throw new NeedsPerson(
    'hibob.internal_candidate',
    'Pinpoint says that this hire works here already, but no employee in HiBob has their e-mail.',
    {
      fix:
        'Find the employee in HiBob, then name them: runs resume RUN --record ID. If there is none: runs resume RUN --make-again. ' +
        'Or correct the e-mail or the internal mark of the application in Pinpoint; the run then resumes automatically.',
      resumesOn: 'record',
    },
  )
}

function given(verdict: Verdict, by: 'email' | 'id'): Made | undefined {
  switch (verdict.is) {
    case 'theirs':
      return { id: verdict.id }
    case 'nobody':
    case 'internal':
      return undefined
    case 'several':
      throw severalMatches(verdict.ids)
    case 'left':
      throw formerEmployee(verdict.id, by)
    case 'other':
      throw otherEmployee(verdict.id, by)
    case 'login_taken':
      throw loginTaken(verdict)
    case 'unverifiable':
      throw unverifiable(verdict)
  }
}

function loginTaken({ id, unsure }: Verdict & { readonly is: 'login_taken' }): NeedsPerson {
  const hidden = unsure
    ? ' HiBob shows the service user no personal e-mail of theirs (home.privateEmail), which could say more.'
    : ''
  return new NeedsPerson(
    'hibob.login_taken',
    `Employee ${id} in HiBob has the login (root.email) that the mapping makes for this hire. That is no evidence that they are the hire: namesakes get the same one.${hidden}`,
    {
      details: { employee: id },
      fix:
        `If it is the hire: runs resume RUN --record ${id}. If not, give this hire another login: in an attribute of the application that ` +
        'the mapping of root.email names before its template, or with another mapping; the run then resumes automatically. Or change the ' +
        'e-mail of that employee in HiBob, then resume the run.',
      resumesOn: 'connection',
      watches: ['record'],
    },
  )
}

/** In case HiBob ignores the filter and returns everybody. */
const mostTold = 10

function severalMatches(ids: readonly string[]): NeedsPerson {
  const employees = ids.slice(0, mostTold)
  return new NeedsPerson(
    'hibob.several_matches',
    `HiBob has several people with this e-mail: ${employees.join(', ')}.`,
    {
      details: { employees },
      fix: 'Leave one of them with this e-mail in HiBob, then resume the run. Or name the one: runs resume RUN --record ID.',
      resumesOn: 'record',
    },
  )
}

function formerEmployee(id: string, by: 'email' | 'id'): NeedsPerson {
  const [who, otherwise] =
    by === 'email'
      ? [
          'has this e-mail and has left',
          'or change the old e-mail there, since HiBob takes an e-mail only once; then resume the run.',
        ]
      : [
          'is on record for this hire and has left',
          'then resume the run. For a new record beside the old one: runs resume RUN --make-again.',
        ]
  return new NeedsPerson('hibob.former_employee', `Employee ${id} in HiBob ${who}.`, {
    details: { employee: id },
    fix: `A re-hire? Reactivate the person in HiBob, ${otherwise} To take the record as it is: runs resume RUN --record ${id}.`,
    resumesOn: 'person',
  })
}

function otherEmployee(id: string, by: 'email' | 'id'): NeedsPerson {
  const [who, otherwise] =
    by === 'email'
      ? [
          'has this e-mail',
          'HiBob takes an e-mail once: correct it on the application in Pinpoint, and the run resumes automatically; or correct the employee’s in HiBob, then resume the run.',
        ]
      : [
          'is on record for this e-mail or application',
          'name their own record: runs resume RUN --record ID; or let a new one be made: runs resume RUN --make-again.',
        ]
  return new NeedsPerson(
    'hibob.other_employee',
    `Employee ${id} in HiBob ${who}, and has another first name than the hire.`,
    {
      details: { employee: id },
      fix: `If that is the hire: runs resume RUN --record ${id}. If not, ${otherwise}`,
      resumesOn: 'record',
    },
  )
}

function unverifiable({ ids, hidden }: Verdict & { readonly is: 'unverifiable' }): NeedsPerson {
  const employees = ids.slice(0, mostTold)
  const who = `Employee ${employees.join(', ')} in HiBob may be this hire`
  const decide = `If it is the hire: runs resume RUN --record ${employees.length === 1 ? (employees[0] ?? 'ID') : 'ID'}.`
  const details = { employees, hidden }
  if (hidden.length === 0) {
    return new NeedsPerson(
      'hibob.match_unverifiable',
      `${who}, but is inactive, with a lifecycle status that says neither that they are on leave nor that they have left.`,
      {
        details,
        fix: `Correct the lifecycle status in HiBob, then resume the run. ${decide}`,
        resumesOn: 'person',
      },
    )
  }
  return new NeedsPerson(
    'hibob.match_unverifiable',
    `${who}, which cannot be checked: HiBob does not show ${hidden.join(', ')} to the service user.`,
    {
      details,
      fix: `Grant the service user ${toGrant(hidden)} of everybody in HiBob, then resume the run. ${decide}`,
      resumesOn: 'person',
    },
  )
}
