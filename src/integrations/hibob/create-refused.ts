/** Why HiBob did not take the new employee: which fields it objects to, and what is to be done about these. */
import { type HttpAnswer, NeedsPerson, type Objection, quoted, shortened } from '../../sdk/index.ts'
import { fieldsMeant } from './field-names.ts'
import { sameEmail } from './folded.ts'
import { standardIds } from './mapping.ts'
import { type EmployeeBody, fieldIds, fieldTitles } from './new-hire.ts'
import { invisibleCharacters, oddCharacters } from './odd-characters.ts'
import { refusedValues } from './wire.ts'

export function isTakenEmail({ refusal }: HttpAnswer): boolean {
  return refusal?.objections.some(({ code }) => /\bemail\.?already_?exists$/i.test(code ?? '')) === true
}

/** Clearly not made. A handler may leave out what is optional and try without it. */
export class CreateRefused extends NeedsPerson {
  /** Such as `work.title`: what HiBob names, in its own spelling; empty when it names none. */
  get fields(): readonly string[] {
    const { fields } = this.details
    return Array.isArray(fields) ? fields.filter((field) => typeof field === 'string') : []
  }
}

export function createRefused(answer: HttpAnswer, hire: EmployeeBody): CreateRefused {
  const { status, refusal, requestId } = answer
  const objections = refusal?.objections ?? []
  const fields = objections.flatMap(({ field }) => (field === undefined ? [] : [field]))
  const values = ownValues(answer, hire)
  const said = [...objections.map(objectionText), ...values.map(quoted)].join(', ')
  return new CreateRefused(
    'hibob.create_refused',
    `HiBob refused the new employee: ${said === '' ? 'no reason given' : said}.`,
    {
      details: {
        status,
        ...(objections[0]?.code !== undefined && { key: objections[0].code }),
        fields,
        objections: objections.map((one) => ({ ...one })),
        ...(values.length > 0 && { values: values.map((value) => shortened(value)) }),
        ...(requestId !== undefined && { requestId }),
      },
      fix: `${adviceOn(objections, hire).join(' ')} The run then resumes automatically, or at once with runs resume.`,
      resumesOn: resumesOn(objections, hire),
      watches: ['record'],
    },
  )
}

/** What depends on settings and mapping is mended there. */
function resumesOn(objections: readonly Objection[], hire: EmployeeBody): 'connection' | 'record' {
  const parts = objections.map(partOf)
  return parts.includes('site') || (parts.includes('email') && isLoginMade(hire)) ? 'connection' : 'record'
}

/** Who knows the field reads its name; HiBob's own words stand behind it, for whoever asks HiBob. */
function objectionText(objection: Objection): string {
  const { field, code } = objection
  const said =
    field === undefined || code === undefined || code.includes(field)
      ? (code ?? field ?? '')
      : `${field}: ${code}`
  const part = partOf(objection)
  return part === undefined ? said : `it does not take the ${fieldTitles[part]} (${said})`
}

/** Of what HiBob quotes only the site and the department, if we have sent them; never anything of a person, such as their title. */
function ownValues({ json }: HttpAnswer, { site, department }: EmployeeBody): readonly string[] {
  const named = refusedValues.safeParse(json).data?.args ?? []
  const ours = [site, department].filter((value) => value !== undefined)
  return ours.filter((value) => named.includes(value))
}

const parts = [
  'firstName',
  'surname',
  'email',
  'privateEmail',
  'site',
  'startDate',
  'title',
  'department',
] as const
type Part = (typeof parts)[number]

/** `work.title`, `/work/title` and `root.firstName` alike; without a field `validations.surname.invalid`. */
function partOf({ field, code }: Objection): Part | undefined {
  if (field !== undefined) {
    const meant = fieldsMeant(field, standardIds)
    return parts.find((part) => meant.includes(fieldIds[part]))
  }
  const named = new Set((code ?? '').split('.').map((word) => word.toLowerCase()))
  return parts.find((part) => named.has(part.toLowerCase()))
}

function adviceOn(objections: readonly Objection[], hire: EmployeeBody): readonly string[] {
  const known = new Set(objections.map(partOf))
  const others = objections.flatMap((one) =>
    one.field === undefined || partOf(one) !== undefined ? [] : [one.field],
  )
  const advice = [
    ...parts.filter((part) => known.has(part)).map((part) => adviceFor[part](hire)),
    ...(others.length > 0 ? [`Look at ${others.join(', ')} in the hire and in HiBob’s fields.`] : []),
  ]
  return advice.length > 0 ? advice : [advisedWithoutFields(hire)]
}

const adviceFor: Readonly<Record<Part, (hire: EmployeeBody) => string>> = {
  firstName: ({ firstName }) => nameAdvice('first name', firstName),
  surname: ({ surname }) => nameAdvice('last name', surname),
  email: (hire) =>
    isLoginMade(hire)
      ? 'Correct in Pinpoint what the mapping makes the login (root.email) of, or the mapping itself.'
      : emailAdvice(hire.email),
  privateEmail: ({ email, privateEmail }) => emailAdvice(privateEmail ?? email),
  site: ({ site }) =>
    `HiBob does not take the site ${quoted(site)}: set \`site\` or \`sites\` of the connection to one that it has.`,
  startDate: () => 'Correct the start date in Pinpoint: on the accepted offer, else on the application.',
  title: () => listAdvice('title', undefined),
  department: ({ department }) => listAdvice('department', department),
}

function isLoginMade({ email, privateEmail }: EmployeeBody): boolean {
  return privateEmail !== undefined && !sameEmail(email, privateEmail)
}

function emailAdvice(email: string): string {
  const odd = invisibleCharacters(email)
  return `Correct the e-mail of the application in Pinpoint${odd.length > 0 ? `: it holds ${odd.join(', ')}` : ''}.`
}

function nameAdvice(which: string, name: string): string {
  const odd = oddCharacters(name)
  const because = odd.length > 0 ? `this one holds ${odd.join(', ')}` : 'at most 50 of them'
  return `Correct the ${which} in Pinpoint: HiBob takes letters and the usual marks only; ${because}.`
}

function listAdvice(which: 'title' | 'department', value: string | undefined): string {
  return `HiBob does not take the ${which}${value === undefined ? '' : ` ${quoted(value)}`}: add it to HiBob’s list, or correct the job in Pinpoint.`
}

/** HiBob has not said what it is: all that it can be, and what looks odd in it. */
function advisedWithoutFields({ firstName, surname, email }: EmployeeBody): string {
  const odd = [
    ...new Set([...oddCharacters(firstName), ...oddCharacters(surname), ...invisibleCharacters(email)]),
  ]
  const seen = odd.length > 0 ? ` The names and the e-mail hold ${odd.join(', ')}.` : ''
  return `Look at names (HiBob takes letters only), e-mail, start date, site, title and department of the hire, and correct them.${seen}`
}
