/** Creating an employee, refusing what HiBob refuses. Nothing makes it idempotent but the unique e-mail. */
import { z } from 'zod'

import { type JsonObject, parseJson } from '../../src/base/json.ts'
import type { SandboxContext } from '../gate.ts'
import { personOf } from '../person.ts'
import { failure, refusal } from './answers.ts'
import type { HibobCall } from './call.ts'
import { employeeBody } from './employee-body.ts'
import { isJsonObject } from './json-object.ts'
import { itemSent } from './lists.ts'
import { fieldId, isWritten, unfitFields } from './new-values.ts'
import { picked } from './parts.ts'
import { mayEdit, viewable } from './rights.ts'
import type { Company } from './seed.ts'

// Letters, spaces and the marks that the reference prints: no digits.
const name = z
  .string()
  .trim()
  .min(1)
  .max(50)
  .regex(/^[\p{L}\p{M} ´`\-_;,./'’"()]+$/u)

const siteOf = ({ sites }: Company, sent: string) =>
  sites.find((one) => one.toLowerCase() === sent.trim().toLowerCase())

const newEmployee = (company: Company) =>
  z.object({
    firstName: name,
    surname: name,
    email: z.email(),
    work: z.looseObject({
      site: z.string().refine((site) => siteOf(company, site) !== undefined),
      startDate: z.iso.date(),
    }),
  })
const categories = z.record(z.string(), z.json())

/** https://apidocs.hibob.com/reference/post_people */
export async function createEmployee({ store, company }: HibobCall, c: SandboxContext): Promise<Response> {
  const body = parseJson(await c.req.text())
  if (body === undefined) throw refusal(400, 'bad.request', 'The body is not JSON')
  const parsed = newEmployee(company).safeParse(body)
  if (!parsed.success) return unfit(company, parsed.error.issues.map(pathOf))
  const given = categories.parse(body)
  const unwanted = [...unfitFields({ store, company }, given), ...unknownManager(store, company, given)]
  if (unwanted.length > 0) return unfit(company, unwanted)

  const { work, ...person } = parsed.data
  if (store.withEmail(company.name, person.email).length > 0) return taken(company, person.email)
  const { site, startDate, ...rest } = work
  // The five values that HiBob demands come with the right to add people. The rest it leaves out without a word.
  const { firstName: _first, surname: _last, email: _login, ...others } = given
  const kept = picked(
    { ...others, work: z.json().parse(rest) },
    '',
    (path) => isWritten(company, path) && mayEdit(company, fieldId(path)),
  )
  const { title, department, ...extraWork } = categories.parse(kept['work'] ?? {})
  const spelled = (list: string, sent: unknown) =>
    typeof sent === 'string' ? (itemSent(company, list, sent)?.name ?? null) : null
  const employee = store.create({
    ...person,
    person: personOf({ ...person, email: givenAddress(given) ?? person.email }),
    company: company.name,
    // Stored as the list spells it, however the caller did.
    site: siteOf(company, site) ?? site,
    startDate,
    title: spelled('title', title),
    department: spelled('department', department),
    status: 'Active',
    displayName: typeof kept['displayName'] === 'string' ? kept['displayName'] : undefined,
    outOfScope: false,
    seeded: false,
    extra: { ...kept, work: extraWork },
  })
  return Response.json(viewable(company, employeeBody(company, employee)))
}

/** Somebody of the company, as an object with their id: so a row of the work table takes it. For a create neither is on record. */
function unknownManager(
  store: HibobCall['store'],
  company: Company,
  { work }: JsonObject,
): readonly string[] {
  const named = isJsonObject(work) ? (work['reportsTo'] ?? null) : null
  if (named === null) return []
  const id = isJsonObject(named) ? named['id'] : undefined
  const isKnown = typeof id === 'string' && store.employee(id)?.company === company.name
  return isKnown ? [] : ['work.reportsTo']
}

/** As somebody is known who has a login of the company, whatever is kept of it. */
function givenAddress({ home }: JsonObject): string | undefined {
  const address = isJsonObject(home) ? home['privateEmail'] : undefined
  return typeof address === 'string' ? address : undefined
}

/** The key is recorded. */
function taken({ refusals, refusedWith: status }: Company, email: string): Response {
  const message = `Email ${email} already exists`
  if (refusals === 'errorMessage') return Response.json({ errorMessage: message }, { status })
  if (refusals === 'errors')
    return Response.json({ errors: { email: { error: 'invalid', message } } }, { status })
  return failure(status, { key: 'validations.email.alreadyexists', error: message, args: [email] })
}

const pathOf = ({ path }: z.core.$ZodIssue) => path.join('.')

/** The keys are ours: HiBob's for these cases are not on record, only that the status is 400. */
function unfit({ refusals, refusedWith: status }: Company, all: readonly string[]): Response {
  const paths = [...new Set(all)]
  const text = (path: string) => `Missing or invalid value for field: ${path}`
  const [path = 'body'] = paths
  if (refusals === 'errorMessage') return Response.json({ errorMessage: text(path) }, { status })
  if (refusals === 'errors') {
    const errors = Object.fromEntries(paths.map((one) => [one, { error: 'invalid', message: text(one) }]))
    return Response.json({ errors }, { status })
  }
  return failure(status, { key: `validations.${path}.invalid`, error: text(path), args: [path] })
}
