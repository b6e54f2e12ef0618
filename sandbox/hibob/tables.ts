/** The dated tables of an employee: work, employment and salaries. The create makes the first rows of the former two. */
import { z } from 'zod'

import { type Json, type JsonObject, parseJson } from '../../src/base/json.ts'
import { pathPart, type SandboxContext } from '../gate.ts'
import { failure, refusal } from './answers.ts'
import type { HibobCall } from './call.ts'
import { employeeBody } from './employee-body.ts'
import type { Employee } from './employee-store.ts'
import { isJsonObject } from './json-object.ts'
import { itemId, itemSent } from './lists.ts'
import { employeeNamed } from './read-employees.ts'
import type { Company } from './seed.ts'
import { rowId, type TableName } from './table-store.ts'

/** Column → the list of its values, if it has one. Everything else in a body is passed over. */
const columnsOf: Readonly<Record<TableName, Readonly<Record<string, string | undefined>>>> = {
  work: {
    ...{ title: 'title', department: 'department', site: undefined, siteId: undefined },
    ...{ reportsTo: undefined, workChangeType: undefined, customColumns: undefined },
  },
  employment: {
    ...{ contract: 'employmentstatus', type: 'payrollEmploymentType', salaryPayType: undefined },
    ...{ standardWorkingPatternId: undefined, flsaCode: undefined, calendarId: undefined },
    customColumns: undefined,
  },
  salaries: { base: undefined, payPeriod: 'payPeriod', payFrequency: 'payFrequency' },
}

/** https://apidocs.hibob.com/reference/get_people-id-salaries, …-employment and …-work */
export function listRows(table: TableName) {
  return (call: HibobCall, c: SandboxContext): Response => {
    const { store, company, now } = call
    const employee = employeeNamed(call, pathPart(c, 'identifier'))
    const shownSince = now.getTime() - company.readLagMs
    const isShown = ({ seeded, createdAt }: { readonly seeded: boolean; readonly createdAt: Date }) =>
      seeded || createdAt.getTime() <= shownSince
    const added = store
      .rows(employee.id, table)
      .filter(isShown)
      .map(({ id, effectiveDate, columns }) => ({ id, effectiveDate, ...columns }))
    const first = isShown(employee) ? firstRow(company, employee, table) : []
    const rows = [...first, ...added].toSorted((a, b) => (a.effectiveDate < b.effectiveDate ? -1 : 1))
    const today = now.toISOString().slice(0, 10)
    const current = rows.findLast(({ effectiveDate }) => effectiveDate <= today)
    // The first salary counts as the current one although it lies ahead.
    const isCurrent = (row: object) => row === (current ?? (table === 'salaries' ? rows[0] : undefined))
    return Response.json({ values: rows.map((row) => ({ ...row, isCurrent: isCurrent(row) })) })
  }
}

/** What a create has made. */
function firstRow(company: Company, employee: Employee, table: TableName) {
  if (table === 'salaries') return []
  const { work = {}, payroll = {} } = employeeBody(company, employee)
  const held = table === 'work' ? work : isJsonObject(payroll) ? payroll['employment'] : undefined
  const effectiveDate = employee.startDate
  const columns = isJsonObject(held) ? stored(table, held) : {}
  const change = table === 'work' ? { workChangeType: 'New Employee' } : {}
  return [{ id: rowId(effectiveDate), effectiveDate, ...columns, ...change }]
}

/** What is not sent is stored empty. */
function stored(table: TableName, sent: JsonObject): JsonObject {
  return Object.fromEntries(Object.keys(columnsOf[table]).map((name) => [name, sent[name] ?? null]))
}

const dated = z.looseObject({ effectiveDate: z.iso.date() })

/** https://apidocs.hibob.com/reference/post_people-id-salaries, …-employment and …-work */
export function addRow(table: TableName) {
  return async (call: HibobCall, c: SandboxContext): Promise<Response> => {
    const { store, company } = call
    const employee = employeeNamed(call, pathPart(c, 'identifier'))
    const body = z
      .json()
      .optional()
      .parse(parseJson(await c.req.text()))
    const parsed = dated.safeParse(body)
    if (!parsed.success || !isJsonObject(body)) throw refusal(400, 'bad.request', 'Missing effective date')
    const missing = missingIn(table, body)
    if (missing !== undefined) throw refusal(400, 'exception.history.missing', missing)
    const unlisted = unlistedIn(company, table, body)
    if (unlisted !== undefined) return unlisted
    const { effectiveDate } = parsed.data
    const taken = [...firstRow(company, employee, table), ...store.rows(employee.id, table)]
    if (taken.some((row) => row.effectiveDate === effectiveDate)) {
      const error = `Duplicate effective date for ${table}, please update the effective date ${effectiveDate}`
      return failure(400, { key: 'exception.history.duplicated', error })
    }
    store.addRow({
      ...{ company: company.name, employeeId: employee.id, table, effectiveDate, seeded: false },
      columns: understood(company, table, stored(table, body)),
    })
    // HiBob’s description of it has no body, and none has been seen.
    return new Response(null, { status: 200 })
  }
}

/** The texts are on record; their key is not. */
function missingIn(table: TableName, body: JsonObject): string | undefined {
  if (table === 'employment') return undefined
  if (table === 'work') {
    const hasSite = (body['site'] ?? body['siteId'] ?? null) !== null
    return hasSite ? undefined : 'Work entry must include site'
  }
  const names: readonly (readonly [string, string])[] = [
    ['base', 'base'],
    ['payPeriod', 'pay period'],
    ['payFrequency', 'pay frequency'],
  ]
  const found = names.find(([column]) => (body[column] ?? null) === null)
  return found && `Missing ${found[1]}`
}

function unlistedIn(company: Company, table: TableName, body: JsonObject): Response | undefined {
  for (const [column, list] of Object.entries(columnsOf[table])) {
    const value = body[column] ?? null
    if (list === undefined || value === null) continue
    if (typeof value === 'string' && itemSent(company, list, value) !== undefined) continue
    const error = `The value ${JSON.stringify(value)} isn't valid in list ${list}.`
    return Response.json(
      { error, errors: { [column]: { error: 'invalid', message: error } } },
      { status: 400 },
    )
  }
  return undefined
}

const money = z.strictObject({ value: z.number(), currency: z.string() })

/** A bare number, or a currency that there is not, is stored as nothing, with 200. A site goes by its name or its id. */
function understood(company: Company, table: TableName, columns: JsonObject): JsonObject {
  if (table === 'salaries') {
    const base = money.safeParse(columns['base']).data
    const isReal = base !== undefined && Intl.supportedValuesOf('currency').includes(base.currency)
    return { ...columns, base: isReal ? base : null }
  }
  if (table === 'employment') return columns
  const { site: name, siteId, workChangeType } = columns
  const site = company.sites.find((one) => one === name || itemId(company.sites, one) === siteId) ?? null
  const id: Json = site === null ? null : itemId(company.sites, site)
  return { ...columns, site, siteId: id, workChangeType: workChangeType ?? 'Other' }
}
