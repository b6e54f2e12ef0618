/** What HiBob is to hold of a hire: by ourselves, or as the connection's mapping makes it. What is missing is told at once. */
import {
  type Gap,
  type HandlerContext,
  type HiredApplication,
  isEmail,
  type Mapped,
  NeedsPerson,
  quoted,
  tidy,
} from '../../sdk/index.ts'
import { candidateOf } from './employee.ts'
import { plainEmail } from './folded.ts'
import { targets } from './mapping.ts'
import { departmentOf, fieldIds, incomplete, type NewHire, titleOf, toNewHire } from './new-hire.ts'
import type { Place } from './place.ts'
import type { Secrets, Settings } from './settings.ts'
import type { Candidate } from './whose-record.ts'

export interface WantedHire {
  readonly hire: NewHire
  /** By whom the hire is known: as Pinpoint says, whatever HiBob is given. */
  readonly candidate: Candidate
  readonly title: string | undefined
  readonly department: string | undefined
  readonly privateEmail: string | undefined
  /** HiBob's id of a field → its value: beyond what every hire has. */
  readonly more: Readonly<Record<string, string>>
}

type Context = HandlerContext<Settings, Secrets, HiredApplication>

export function wantedHire({ event, settings, timeZone, mapped }: Context): WantedHire {
  const { data } = event
  if (mapped !== undefined) return mappedHire(data, mapped)
  const hire = toNewHire(data, { ...settings, timeZone }, event.triggeredAt)
  if (!hire.ok) throw incomplete(data, hire.missing)
  return {
    hire: hire.value,
    candidate: candidateOf(data, hire.value),
    title: titleOf(data),
    department: departmentOf(data),
    privateEmail: hire.value.email,
    more: {},
  }
}

const usual: ReadonlySet<string> = new Set(Object.values(fieldIds))

export function mappedHire(application: HiredApplication, { values, gaps }: Mapped): WantedHire {
  const parking = gaps.filter(({ parks }) => parks)
  if (parking.length > 0) throw unmapped(application, parking)
  const valueOf = (field: keyof typeof fieldIds) => values.get(fieldIds[field])?.value ?? ''
  const email = plainEmail(application.email ?? '')
  if (!isEmail(email)) throw incomplete(application, ['email'])
  const hire = {
    firstName: valueOf('firstName'),
    surname: valueOf('surname'),
    email: plainEmail(valueOf('email')),
    startDate: valueOf('startDate'),
    site: valueOf('site'),
  }
  const more = [...values].filter(([target]) => !usual.has(target))
  return {
    hire,
    candidate: candidateOf(application, {
      email,
      login: hire.email,
      firstName: tidy(application.firstName) ?? hire.firstName,
    }),
    title: valueOf('title') || undefined,
    department: valueOf('department') || undefined,
    privateEmail: plainEmail(valueOf('privateEmail')) || undefined,
    more: Object.fromEntries(more.map(([target, { value }]) => [target, value])),
  }
}

function unmapped({ id }: Pick<HiredApplication, 'id'>, gaps: readonly Gap[]): NeedsPerson {
  const title = (target: string) => targets.find((one) => one.id === target)?.title ?? target
  const reasons = gaps.map(({ target, reason }) => `${title(target)} (${target}): ${reason}`)
  return new NeedsPerson(
    'hibob.mapping_gaps',
    `Application ${id} has no value for ${gaps.length === 1 ? 'a field' : 'fields'} that must not be left out. ${reasons.join(' ')}`,
    {
      details: { targets: gaps.map(({ target }) => target), codes: gaps.map(({ code }) => code) },
      fix: 'Set what is missing in Pinpoint, or change the mapping of the connection and apply it. The run then resumes automatically.',
      resumesOn: 'connection',
      watches: ['record'],
    },
  )
}

/** A title or department that HiBob's list does not have is left out, unless the mapping says `otherwise: park`. */
export function assertMayLeaveOut(
  { values }: Mapped,
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
