/** Creating an employee, refusing what HiBob refuses. Nothing makes it idempotent but the unique e-mail. */
import { z } from 'zod'

import { type JsonObject, parseJson } from '../../src/base/json.ts'
import type { SandboxContext } from '../gate.ts'
import { personOf } from '../person.ts'
import { failure, refusal } from './answers.ts'
import type { HibobCall } from './call.ts'
import { employeeBody } from './employee-body.ts'
import { valueId } from './lists.ts'
import { leaves, picked } from './parts.ts'
import { mayEdit, viewable } from './rights.ts'
import type { Company } from './seed.ts'

// Letters, spaces and the marks that the reference prints: no digits.
const name = z
  .string()
  .trim()
  .min(1)
  .max(50)
  .regex(/^[\p{L}\p{M} ´`\-_;,./'’"()]+$/u)

const known = (values: readonly string[]) => (value: string) => matching(values, value) !== undefined
const matching = (values: readonly string[], value: string) =>
  values.find((one) => one.toLowerCase() === value.trim().toLowerCase())

/** The item that was sent, as its list spells it. */
function listed(company: Company, names: readonly string[], sent: string): string | undefined {
  if (company.listValues === 'names') return matching(names, sent)
  return company.listValues === 'ids' ? names.find((one) => valueId(company, one) === sent) : undefined
}

const category = z.record(z.string(), z.json()).optional()

function newEmployee(company: Company) {
  return z.object({
    firstName: name,
    surname: name,
    email: z.email(),
    work: z.looseObject({
      site: z.string().refine(known(company.sites)),
      startDate: z.iso.date(),
      title: z
        .string()
        .refine((value) => listed(company, company.titles, value) !== undefined)
        .nullish(),
      department: z
        .string()
        .refine((value) => listed(company, company.departments, value) !== undefined)
        .nullish(),
    }),
    home: category,
    personal: category,
    about: category,
  })
}

/** https://apidocs.hibob.com/reference/post_people */
export async function createEmployee({ store, company }: HibobCall, c: SandboxContext): Promise<Response> {
  const body = parseJson(await c.req.text())
  if (body === undefined) throw refusal(400, 'bad.request', 'The body is not JSON')
  const parsed = newEmployee(company).safeParse(body)
  if (!parsed.success)
    return unfit(
      company,
      parsed.error.issues.map(({ path }) => path.join('.')),
    )
  const { work, home, personal, about, ...person } = parsed.data
  const sent = leaves(z.record(z.string(), z.json()).parse(body), '').map(([path]) => path)
  const unwanted = company.refusedFields.filter((path) => sent.includes(path))
  if (unwanted.length > 0) return unfit(company, unwanted)
  if (store.withEmail(company.name, person.email).length > 0) {
    const error = `Email ${person.email} already exists`
    return failure(400, { key: 'validations.email.alreadyexists', error, args: [person.email] })
  }
  const { site, startDate, title, department, ...otherWork } = work
  // The five values that HiBob demands come with the right to add people. Of the rest it says nothing.
  const editable = (path: string) => mayEdit(company, path)
  const employee = store.create({
    ...person,
    person: personOf(person),
    company: company.name,
    // Stored as the list spells it, however the caller did.
    site: matching(company.sites, site) ?? site,
    startDate,
    title: editable('work.title') ? (listed(company, company.titles, title ?? '') ?? null) : null,
    department: editable('work.department')
      ? (listed(company, company.departments, department ?? '') ?? null)
      : null,
    status: 'Active',
    outOfScope: false,
    seeded: false,
    extra: picked(
      z.record(z.string(), z.json()).parse(given({ home, personal, about, work: otherWork })),
      '',
      editable,
    ) satisfies JsonObject,
  })
  return Response.json(viewable(company, employeeBody(company, employee)))
}

const given = (parts: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined))

/** The keys are ours: HiBob's for these cases are not on record, only that the status is 400. */
function unfit({ refusals }: Company, all: readonly string[]): Response {
  const paths = [...new Set(all)]
  const text = (path: string) => `Missing or invalid value for field: ${path}`
  const [path = 'body'] = paths
  if (refusals === 'errorMessage') return Response.json({ errorMessage: text(path) }, { status: 400 })
  if (refusals === 'errors') {
    const errors = Object.fromEntries(paths.map((one) => [one, { error: 'invalid', message: text(one) }]))
    return Response.json({ errors }, { status: 400 })
  }
  return failure(400, { key: `validations.${path}.invalid`, error: text(path), args: [path] })
}
