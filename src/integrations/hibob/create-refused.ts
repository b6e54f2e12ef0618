/** The failure when HiBob refuses a new employee: the fields that it objects to, and how to fix each. */
import { type HttpAnswer, NeedsPerson, type Objection, quoted, shortened } from '../../sdk/index.ts'
import { fieldsMeant, isLogin } from './field-names.ts'
import { sameEmail } from './folded.ts'
import { standardIds } from './mapping.ts'
import { type EmployeeBody, fieldIds, fieldTitles } from './new-hire.ts'
import { invisibleCharacters, oddCharacters } from './odd-characters.ts'
import { saysTaken } from './refusals.ts'
import { refusedValues } from './wire.ts'

/** A 409 that names no field can only be about the e-mail, which is unique. */
export function isTakenEmail({ status, refusal }: HttpAnswer): boolean {
  const objections = refusal?.objections ?? []
  if (status === 409 && objections.every(({ field }) => field === undefined)) return true
  return objections.some(
    ({ field, code = '' }) =>
      /\bemail\.?already_?exists$/i.test(code) || (field !== undefined && isLogin(field) && saysTaken(code)),
  )
}

/** Nothing was made. The caller may send the employee again without optional fields. */
export class CreateRefused extends NeedsPerson {
  /** The fields that HiBob names, such as `work.title`, in its own spelling. May be empty. */
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

/** `connection` if a change of settings or mapping fixes it. */
function resumesOn(objections: readonly Objection[], hire: EmployeeBody): 'connection' | 'record' {
  const parts = objections.map(partOf)
  const isOfLogin = parts.includes('email') && isLoginMade(hire)
  return parts.includes('site') || isOfLogin || unsent(objections, hire).length > 0 ? 'connection' : 'record'
}

/** Fields that HiBob demands and that were not sent: a company can make any field a required one. */
function unsent(objections: readonly Objection[], { more = {} }: EmployeeBody): readonly string[] {
  const others = objections.flatMap((one) =>
    one.field === undefined || partOf(one) !== undefined ? [] : [one.field],
  )
  return others.filter((field) => fieldsMeant(field, Object.keys(more)).length === 0)
}

/** The field as people call it, followed by HiBob's own code for a question to HiBob's support. */
function objectionText(objection: Objection): string {
  const { field, code } = objection
  const said =
    field === undefined || code === undefined || code.includes(field)
      ? (code ?? field ?? '')
      : `${field}: ${code}`
  const part = partOf(objection)
  return part === undefined ? said : `it does not take the ${fieldTitles[part]} (${said})`
}

/** HiBob may quote values in `args`. Only the site and the department that we sent are shown, because others may be personal. */
function ownValues({ json }: HttpAnswer, hire: EmployeeBody): readonly string[] {
  const named = refusedValues.safeParse(json).data?.args ?? []
  const ours = [toldOf(hire, 'site'), toldOf(hire, 'department')].filter((value) => value !== undefined)
  return ours.filter((value) => named.includes(value))
}

/** Undefined: a mapping takes the value from a personal source, so it is not shown. */
function toldOf(hire: EmployeeBody, name: 'site' | 'department'): string | undefined {
  return hire.untold?.[name] === true ? undefined : hire[name]
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

/** By the field (`work.title`, `/work/title`, `root.firstName`), or without one by the code (`validations.surname.invalid`). */
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
  const missing = unsent(objections, hire)
  const sent = others.filter((field) => !missing.includes(field))
  const advice = [
    ...parts.filter((part) => known.has(part)).map((part) => adviceFor[part](hire)),
    ...(sent.length > 0 ? [`Look at ${sent.join(', ')} in the hire and in HiBob’s fields.`] : []),
    ...(missing.length > 0
      ? [`The hire was sent without ${missing.join(', ')}: map it, or make it optional in HiBob.`]
      : []),
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
  site: (hire) =>
    `HiBob does not take the site${inQuotes(toldOf(hire, 'site'))}: set \`site\` or \`sites\` of the connection to one that it has.`,
  startDate: () => 'Correct the start date in Pinpoint: on the accepted offer, else on the application.',
  title: () => listAdvice('title', undefined),
  department: (hire) => listAdvice('department', toldOf(hire, 'department')),
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

function inQuotes(value: string | undefined): string {
  return value === undefined ? '' : ` ${quoted(value)}`
}

function listAdvice(which: 'title' | 'department', value: string | undefined): string {
  return `HiBob does not take the ${which}${inQuotes(value)}: add it to HiBob’s list, or correct the job in Pinpoint.`
}

/** HiBob names no field, so this lists all that it can be, and odd characters in the values. */
function advisedWithoutFields({ firstName, surname, email }: EmployeeBody): string {
  const odd = [
    ...new Set([...oddCharacters(firstName), ...oddCharacters(surname), ...invisibleCharacters(email)]),
  ]
  const seen = odd.length > 0 ? ` The names and the e-mail hold ${odd.join(', ')}.` : ''
  return `Look at names (HiBob takes letters only), e-mail, start date, site, title and department of the hire, and correct them.${seen}`
}
