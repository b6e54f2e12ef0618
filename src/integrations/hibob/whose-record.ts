/**
 * Whose record it is: the one table from what HiBob has shown to what becomes of the hire. Pure.
 * An e-mail is evidence, not identity: couples and siblings share one, agencies give theirs for many people. A surname is none,
 * for the same reason. Nor is a login that we have made of the name: a namesake has the same. HiBob leaves out without a word what the
 * service user may not see, so what is not shown is not assumed.
 * docs/decisions/0032-whose-record.md
 */
import { hasLetters, sameEmail, sameFirstName, withoutSurname } from './folded.ts'
import type { Employee } from './wire.ts'

/** The hire, as far as it tells whose record is theirs. */
export interface Candidate {
  /** The address that they gave themselves: one that we had made would be evidence of nothing. */
  readonly email: string
  /** What they would log in with, where that is another address: whoever has it is not known to be them. */
  readonly login?: string | undefined
  /** The given and the preferred one, and what a mapping makes of their own data; any of them may be the one that HiBob has. */
  readonly firstNames: readonly string[]
  /** Pinpoint says that they work here, and is not showing its demo data. */
  readonly internal: boolean
}

/** `email`: HiBob was asked for the candidate's, and the login. `id`: for one that is on record as theirs; by now they may have another e-mail. */
export type Shown =
  | { readonly by: 'email'; readonly records: readonly Employee[] }
  | { readonly by: 'id'; readonly record: Employee }

export type Verdict =
  | { readonly is: 'theirs' | 'left' | 'other'; readonly id: string }
  /** Without `hidden` all is shown, and says neither that they are here nor that they have left. */
  | { readonly is: 'unverifiable'; readonly ids: readonly string[]; readonly hidden: readonly HiddenField[] }
  | { readonly is: 'several'; readonly ids: readonly string[] }
  | { readonly is: 'nobody' }
  /** Nobody is known to be them, and somebody has the login. `unsure`: HiBob shows no personal e-mail of theirs. */
  | { readonly is: 'login_taken'; readonly id: string; readonly unsure: boolean }
  /** Nobody has the e-mail, and yet they are an employee. */
  | { readonly is: 'internal' }

export type HiddenField = 'root.email' | 'root.firstName' | 'internal.status' | 'internal.lifecycleStatus'

export function whoseRecord(candidate: Candidate, shown: Shown): Verdict {
  if (shown.by === 'id') return judged(candidate, shown.record)
  // One with another e-mail has nothing to do with the question, whatever HiBob makes of a filter.
  const matches = shown.records.filter(
    (record) => record.email === undefined || isGivenAddress(candidate, record),
  )
  const [only, ...others] = matches
  if (only === undefined) {
    const holder = shown.records.find((record) => hasLogin(candidate, record))
    if (holder === undefined) return { is: candidate.internal ? 'internal' : 'nobody' }
    return { is: 'login_taken', id: holder.id, unsure: holder.privateEmail === undefined }
  }
  const ids = matches.map(({ id }) => id)
  if (matches.some(({ email }) => email === undefined)) {
    return { is: 'unverifiable', ids, hidden: [...new Set(matches.flatMap(hiddenOf))] }
  }
  return others.length > 0 ? { is: 'several', ids } : judged(candidate, only)
}

/** As the login, or as the personal e-mail of the one who has the login that is wanted. */
function isGivenAddress(candidate: Candidate, record: Employee): boolean {
  const { email, privateEmail } = record
  const isTheirs = (address: string | undefined) =>
    address !== undefined && sameEmail(address, candidate.email)
  return isTheirs(email) || (hasLogin(candidate, record) && isTheirs(privateEmail))
}

function hasLogin({ login }: Candidate, { email }: Employee): boolean {
  return login !== undefined && email !== undefined && sameEmail(email, login)
}

function judged({ firstNames }: Candidate, record: Employee): Verdict {
  const { id } = record
  const names = firstNamesOf(record)
  const agrees = names.some((name) => firstNames.some((own) => sameFirstName(name, own)))
  if (names.length > 0 && !agrees) return { is: 'other', id }
  const standing = standingOf(record)
  if (names.length === 0 || standing === 'unclear') {
    return {
      is: 'unverifiable',
      ids: [id],
      hidden: hiddenOf(record).filter((field) => field !== 'root.email'),
    }
  }
  return { is: standing === 'left' ? 'left' : 'theirs', id }
}

/** The display name is a whole one as a rule; without the surname to take away from it, it is not told what of it is first. */
function firstNamesOf({ firstName, displayName, surname }: Employee): readonly string[] {
  const displayed =
    displayName === undefined || surname === undefined ? undefined : withoutSurname(displayName, surname)
  return [firstName, displayed].flatMap((name) => (name !== undefined && hasLetters(name) ? [name] : []))
}

const here: ReadonlySet<string> = new Set([
  'hired',
  'employed',
  'leave',
  'onleave',
  'parentalleave',
  'gardenleave',
])

/** The lifecycle decides where it is clear: who is on leave, or has not begun, may be inactive and has not left. */
export function standingOf({ status, lifecycle }: Employee): 'here' | 'left' | 'unclear' {
  const stage = lifecycle?.replace(/[\s_-]/g, '') ?? ''
  if (stage === 'terminated') return 'left'
  if (here.has(stage) || status === 'active') return 'here'
  return 'unclear'
}

/** Of what the table needs. Every employee has a value in each; a lifecycle that says enough needs no status beside it. */
export function hiddenOf(record: Employee): readonly HiddenField[] {
  const { email, status, lifecycle } = record
  const shown: Readonly<Record<HiddenField, boolean>> = {
    'root.email': email !== undefined,
    'root.firstName': firstNamesOf(record).length > 0,
    'internal.status': status !== undefined,
    'internal.lifecycleStatus': lifecycle !== undefined,
  }
  const fields = ['root.email', 'root.firstName', 'internal.status', 'internal.lifecycleStatus'] as const
  return fields.filter((field) => !shown[field])
}

/** What to grant in HiBob, by the category of the field. https://apidocs.hibob.com/reference/permissions */
export function toGrant(hidden: readonly HiddenField[]): string {
  const categories = hidden.map((field) => (field.startsWith('internal.') ? 'Lifecycle' : 'Basic info'))
  return `the view of ${[...new Set(categories)].join(' and ')}`
}
