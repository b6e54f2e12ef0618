/** Searching and reading employees. A new one stays invisible to search for the company's read lag. */
import { z } from 'zod'

import { parseJson } from '../../src/base/json.ts'
import { pathPart, type SandboxContext } from '../gate.ts'
import { refusal } from './answers.ts'
import type { HibobCall } from './call.ts'
import { employeeBody, internalPart } from './employee-body.ts'
import type { Employee } from './employee-store.ts'
import { isJsonObject } from './json-object.ts'
import { leaves, picked } from './parts.ts'
import { mayView } from './rights.ts'
import type { Company } from './seed.ts'

const readRequest = z.object({
  fields: z.array(z.string()).max(400).optional(),
  humanReadable: z.enum(['APPEND', 'REPLACE']).optional(),
})
type ReadRequest = z.output<typeof readRequest>

const filter = z.object({
  fieldPath: z.enum(['root.id', 'root.email']),
  operator: z.literal('equals'),
  values: z.array(z.string()).min(1),
})

const searchRequest = readRequest.extend({
  // An empty list answers 400: the key must be left out instead.
  filters: z.tuple([filter]).optional(),
  showInactive: z.boolean().default(false),
})

/** What is given when no fields are asked for: root, about, work. */
const usualParts = ['root', 'about', 'work']

/** https://apidocs.hibob.com/reference/post_people-search */
export async function searchEmployees(call: HibobCall, c: SandboxContext): Promise<Response> {
  const { store, company, now } = call
  const asked = searchRequest.safeParse(parseJson(await c.req.text()))
  if (!asked.success) throw refusal(400, 'bad.request', 'Invalid search request')
  const [one] = asked.data.filters ?? []
  const visibleSince = now.getTime() - company.readLagMs
  const filter = company.ignoresFilters ? undefined : one
  const employees = (filter ? filtered(call, filter) : store.employees(company.name)).filter(
    (employee) =>
      !employee.outOfScope &&
      (employee.seeded || employee.createdAt.getTime() <= visibleSince) &&
      (asked.data.showInactive || employee.status === 'Active'),
  )
  return Response.json({ employees: employees.map((employee) => shown(company, employee, asked.data)) })
}

/**
 * Reads one employee by id or e-mail, leavers too. Answers the bare employee, as live answers do.
 * https://apidocs.hibob.com/reference/post_people-identifier
 */
export async function readEmployee(call: HibobCall, c: SandboxContext): Promise<Response> {
  const text = await c.req.text()
  const asked = readRequest.safeParse(text === '' ? {} : parseJson(text))
  if (!asked.success) throw refusal(400, 'bad.request', 'Invalid read request')
  return Response.json(shown(call.company, employeeNamed(call, pathPart(c, 'identifier')), asked.data))
}

/** By id or e-mail; 404 for somebody outside the company or the service user's scope. */
export function employeeNamed({ store, company }: HibobCall, identifier: string): Employee {
  const employee = identifier.includes('@')
    ? store.withEmail(company.name, identifier)[0]
    : store.employee(identifier)
  if (employee?.company !== company.name || employee.outOfScope)
    throw refusal(404, 'employee.notfound', 'Employee not found')
  return employee
}

function filtered({ store, company }: HibobCall, one: z.output<typeof filter>): readonly Employee[] {
  if (one.fieldPath === 'root.email')
    return one.values.flatMap((email) => store.withEmail(company.name, email))
  return one.values
    .flatMap((id) => store.employee(id) ?? [])
    .filter((employee) => employee.company === company.name)
}

/** Fields that are unknown or not permitted are left out without a word, as HiBob does. */
function shown(company: Company, employee: Employee, asked: ReadRequest): object {
  const body = Object.entries(employeeBody(company, employee))
  const root = Object.fromEntries(body.filter(([, value]) => !isJsonObject(value)))
  const parts = {
    ...Object.fromEntries(body.filter(([, value]) => isJsonObject(value))),
    internal: internalPart(employee),
  }
  // Whether the id can be hidden is not documented.
  const wanted = (path: string) =>
    (path === 'root.id' || mayView(company, path)) &&
    (asked.fields?.some((field) => isPartOf(path, field)) ?? usualParts.includes(path.split('.')[0] ?? ''))
  // `root.` is a way of naming fields, not a level of the answer.
  const nested = { ...picked(root, 'root.', wanted), ...picked(parts, '', wanted) }
  const slashed = leaves({ root, ...parts }, '')
    .filter(([path, value]) => value !== null && wanted(path))
    .map(([path, value]) => [`/${path.replaceAll('.', '/')}`, { value }] as const)
  const labels = asked.humanReadable === 'APPEND' ? { humanReadable: nested } : {}
  return { ...Object.fromEntries(slashed), ...nested, ...labels }
}

/** A manager is one field, and shown as an object. A category is no field. */
function isPartOf(path: string, field: string): boolean {
  return path === field || (field.includes('.') && path.startsWith(`${field}.`))
}
