/** What HiBob is to hold of a hire: by ourselves, or as the connection's mapping makes it. What is missing is told at once. */
import {
  type Gap,
  type HandlerContext,
  type HiredApplication,
  isEmail,
  type MappedHire,
  NeedsPerson,
  quoted,
  type Target,
  tidy,
} from '../../sdk/index.ts'
import { candidateOf } from './employee.ts'
import { plainEmail } from './folded.ts'
import { isOfHibob, type JoinedHire } from './live-fields.ts'
import { standardField } from './mapping.ts'
import { moreValue, type MoreValues } from './more-values.ts'
import {
  departmentOf,
  fieldIds,
  incomplete,
  type NewHire,
  titleOf,
  toNewHire,
  type Untold,
} from './new-hire.ts'
import type { Place } from './place.ts'
import type { Secrets, Settings } from './settings.ts'
import { unlistedColumn } from './tables.ts'
import { isOfRow, type RowLeftOut, type RowsOfHire, rowsOfHire } from './wanted-rows.ts'
import type { Candidate } from './whose-record.ts'

export interface WantedHire {
  readonly hire: NewHire
  /** By whom the hire is known: as Pinpoint says, whatever HiBob is given. */
  readonly candidate: Candidate
  readonly title: string | undefined
  readonly department: string | undefined
  readonly privateEmail: string | undefined
  /** Beyond what every hire has. */
  readonly more: MoreValues
  /** Of HiBob's tables, beyond those that the create makes. */
  readonly rows: RowsOfHire
  /** Fields that the mapping says must not be left out. */
  readonly mustKeep: ReadonlySet<string>
  readonly untold: Untold
}

type Context = HandlerContext<Settings, Secrets, HiredApplication>

export function wantedHire(
  { event, settings, timeZone }: Omit<Context, 'mapped'>,
  joined?: JoinedHire,
): WantedHire {
  const { data } = event
  if (joined !== undefined) return mappedHire(data, joined)
  const hire = toNewHire(data, { ...settings, timeZone }, event.triggeredAt)
  if (!hire.ok) throw incomplete(data, hire.missing)
  return {
    hire: hire.value,
    candidate: candidateOf(data, hire.value),
    title: titleOf(data),
    department: departmentOf(data),
    privateEmail: hire.value.email,
    more: {},
    rows: { rows: [], leftOut: [] },
    mustKeep: new Set(),
    untold: {},
  }
}

/** Of the company's lists: the values may stand in reasons, unless they come from something personal. */
const organisational = ['site', 'title', 'department'] as const

type Mapping = MappedHire & Partial<Pick<JoinedHire, 'fields' | 'seen'>>

const usual: ReadonlySet<string> = new Set(Object.values(fieldIds))

export function mappedHire(application: HiredApplication, joined: Mapping): WantedHire {
  const { values, fields } = joined
  const startDate = values.get(fieldIds.startDate)?.value ?? ''
  const rows = rowsOfHire(joined, startDate)
  const email = plainEmail(application.email ?? '')
  const known = isEmail(email)
  assertWhole(application, known ? joined : withoutAddress(joined), rows.leftOut)
  const valueOf = (field: keyof typeof fieldIds) => values.get(fieldIds[field])?.value ?? ''
  if (!known) throw incomplete(application, ['email'])
  const hire = {
    firstName: valueOf('firstName'),
    surname: valueOf('surname'),
    email: plainEmail(valueOf('email')),
    startDate,
    site: valueOf('site'),
  }
  // Who has to be found first is not sent as an address.
  const more = [...values].filter(
    ([target, { find }]) => !usual.has(target) && find === undefined && !isOfRow(target, joined, startDate),
  )
  return {
    hire,
    candidate: candidateOf(application, {
      email,
      login: hire.email,
      firstName: tidy(application.firstName) ?? hire.firstName,
      sentAs: values.get(fieldIds.firstName)?.organisational === false ? hire.firstName : undefined,
    }),
    title: valueOf('title') || undefined,
    department: valueOf('department') || undefined,
    privateEmail: plainEmail(valueOf('privateEmail')) || undefined,
    more: Object.fromEntries(
      more.map(([target, ready]) => [target, moreValue(ready, fields?.get(target) ?? declared(target))]),
    ),
    rows,
    mustKeep: new Set([...values.values()].filter(({ parks }) => parks).map(({ target }) => target)),
    untold: Object.fromEntries(
      organisational
        .filter((field) => values.get(fieldIds[field])?.organisational === false)
        .map((field) => [field, true]),
    ),
  }
}

/** By it the hire is known, whatever is sent as the login: told together with what else is missing. */
function withoutAddress(joined: Mapping): Mapping {
  const parking = joined.gaps.filter(({ parks }) => parks)
  if (parking.length === 0 || parking.some(({ source }) => source === 'candidate.email')) return joined
  const reason = 'The application has no e-mail address, by which the hire is known.'
  const gap = { target: fieldIds.privateEmail, source: 'candidate.email', code: 'no_value' as const, reason }
  return { ...joined, gaps: [...joined.gaps, { ...gap, near: [], parks: true }] }
}

function declared(target: string): Target | undefined {
  return standardField(target) ?? unlistedColumn(target)
}

/** Parks with all that must not be left out, a row's values among them. */
export function assertWhole(
  application: Pick<HiredApplication, 'id'>,
  joined: Mapping,
  rows: readonly RowLeftOut[],
): void {
  const ofRows = rows.flatMap((one) => one.gaps)
  const targets = new Set(ofRows.map(({ target }) => target))
  const parking = [...joined.gaps.filter(({ target }) => !targets.has(target)), ...ofRows].filter(
    ({ parks }) => parks,
  )
  if (parking.length > 0) throw unmapped(application, parking, joined)
}

/** Lines beyond these are printed by `mapping test`. */
const mostLines = 10

function unmapped(
  { id }: Pick<HiredApplication, 'id'>,
  gaps: readonly Gap[],
  { fields, seen }: Mapping,
): NeedsPerson {
  const title = (target: string) => (declared(target) ?? fields?.get(target))?.title ?? target
  const reasons = gaps.map(({ target, reason }) => `${title(target)} (${target}): ${reason}`)
  const lines = gaps.flatMap(({ mend }) => mend ?? [])
  const more = lines.length > mostLines ? ', …' : ''
  const shown =
    lines.length === 0
      ? ''
      : `: ${lines
          .slice(0, mostLines)
          .map((line) => `\`${line}\``)
          .join(', ')}${more}`
  return new NeedsPerson(
    'hibob.mapping_gaps',
    `Application ${id} has no value for ${gaps.length === 1 ? 'a field' : 'fields'} that must not be left out. ${reasons.join(' ')}`,
    {
      details: { targets: gaps.map(({ target }) => target), codes: gaps.map(({ code }) => code) },
      fix: `Set what is missing in Pinpoint or in HiBob, or change the mapping or the settings of the connection and apply it${shown}. The run then resumes automatically.`,
      resumesOn: 'connection',
      watches: [
        'record',
        ...(seen !== undefined && gaps.some(isOfHibob) ? [{ recheck: 'fields', seen }] : []),
      ],
    },
  )
}

/** A title or department that HiBob's list does not have is left out, unless the mapping says `otherwise: park`. */
export function assertMayLeaveOut(
  { values }: Pick<MappedHire, 'values'>,
  wanted: Pick<WantedHire, 'title' | 'department'>,
  place: Pick<Place, 'title' | 'department'>,
): void {
  const fields = ['title', 'department'] as const
  const field = fields.find(
    (name) => wanted[name] !== undefined && place[name] === undefined && values.get(fieldIds[name])?.parks,
  )
  if (field === undefined) return
  const value = values.get(fieldIds[field])
  const told = value?.organisational === true ? ` ${quoted(value.value)}` : ''
  throw new NeedsPerson(
    'hibob.mapping_gaps',
    `HiBob has no ${field}${told}, and the mapping says that it must not be left out.`,
    {
      details: { targets: [fieldIds[field]], codes: ['not_a_choice'] },
      fix: `Add it to HiBob’s list of ${field}s, or change the mapping of ${fieldIds[field]} and apply it. The run then resumes automatically.`,
      resumesOn: 'connection',
      watches: ['record'],
    },
  )
}
