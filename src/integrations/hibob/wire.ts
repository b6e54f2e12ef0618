/**
 * The few fields of HiBob's answers that we read. Shapes that differ between HiBob's documentation and what has been
 * seen from the real API are both accepted; an answer of neither shape is unreadable, never "empty".
 */
import { z } from 'zod'

import { type Choice, isRecord } from '../../sdk/index.ts'

/** Nineteen digits, beyond what a number can hold: text, or a number that is still exact. */
const id = z.union([z.string().min(1).max(200), z.int().transform(String)])
const text = z.string().nullish()
const slash = z.object({ value: z.unknown().optional() }).optional()
/** In any other shape it counts as hidden. */
const home = z.object({ privateEmail: text }).nullish().catch(undefined)

const employee = z
  .object({
    id: id.optional(),
    email: text,
    internal: z.object({ status: text, lifecycleStatus: text }).nullish(),
    work: z.object({ startDate: text }).nullish().catch(undefined),
    firstName: text,
    surname: text,
    displayName: text,
    home,
    '/root/id': z.object({ value: id }).optional(),
    '/root/email': slash,
    '/root/firstName': slash,
    '/root/surname': slash,
    '/root/displayName': slash,
    '/internal/status': slash,
    '/internal/lifecycleStatus': slash,
    '/home/privateEmail': slash.catch(undefined),
    '/work/startDate': slash,
  })
  .transform((raw, context) => {
    const employeeId = raw.id ?? raw['/root/id']?.value
    if (employeeId === undefined) {
      context.addIssue({ code: 'custom', message: 'an employee without id', path: ['id'] })
      return z.NEVER
    }
    return {
      id: employeeId,
      email: lowered(raw.email ?? raw['/root/email']?.value),
      firstName: trimmed(raw.firstName ?? raw['/root/firstName']?.value),
      surname: trimmed(raw.surname ?? raw['/root/surname']?.value),
      displayName: trimmed(raw.displayName ?? raw['/root/displayName']?.value),
      status: lowered(raw.internal?.status ?? raw['/internal/status']?.value),
      lifecycle: lowered(raw.internal?.lifecycleStatus ?? raw['/internal/lifecycleStatus']?.value),
      privateEmail: lowered(raw.home?.privateEmail ?? raw['/home/privateEmail']?.value),
      startDate: trimmed(raw.work?.startDate ?? raw['/work/startDate']?.value),
    }
  })
export type Employee = z.output<typeof employee>

export const searchAnswer = z.object({ employees: z.array(employee) })

export const createdEmployee = z.object({ id })

/** With any fields. */
export const shownEmployees = z.object({ employees: z.array(z.unknown()) })
export const employeeId = z
  .object({ id: id.optional(), '/root/id': z.object({ value: id }).optional() })
  .transform((raw) => ({ id: raw.id ?? raw['/root/id']?.value }))

export const refusedValues = z.object({ args: z.array(z.unknown()) })

export interface ListItem {
  readonly id: string | undefined
  readonly name: string
  /** True if another item has the same name, so that only the id identifies it. */
  readonly isNameShared?: boolean | undefined
}

/** The most levels of a tree that are read. A heading whose items cannot be read is omitted, because it is no value itself. */
const mostLevels = 20

/** A list's items as a tree: `values` from the real API, `items` in the documentation. Unreadable items are skipped. */
export const listTree = z
  .union([z.object({ values: z.array(z.unknown()) }), z.object({ items: z.array(z.unknown()) })])
  .transform((list, context) => {
    const items = 'values' in list ? list.values : list.items
    const tree = treeOf(items, mostLevels)
    if (tree.length > 0 || items.length === 0) return tree
    context.addIssue({ code: 'custom', message: 'a list without a readable item' })
    return z.NEVER
  })

/** The values that a field can have: leaves that are not archived. */
export const namedList = listTree.transform(leavesOf)

function treeOf(items: readonly unknown[], levels: number): readonly Choice[] {
  return items.flatMap((raw) => {
    if (!isRecord(raw)) return []
    const { children = [], archived } = raw
    const name = textIn(raw['name']) ?? textIn(raw['value'])
    const isHeading = Array.isArray(children) && children.length > 0
    const below = isHeading && levels > 0 ? treeOf(children, levels - 1) : []
    if (isHeading && below.length === 0) return []
    if (name === undefined) return below
    const itemId = id.safeParse(raw['id']).data
    return [{ id: itemId, name, archived: archived === true, children: below }]
  })
}

/** Names may be numbers, for example in a list of levels. */
function textIn(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

function leavesOf(items: readonly Choice[]): readonly ListItem[] {
  return items.flatMap(({ id, name, archived, children }) => {
    if (children.length > 0) return leavesOf(children)
    return archived ? [] : [{ id, name }]
  })
}

/** Of all lists: by their names from the real API, an array in the documentation. */
export const listTrees = z
  .union([
    z
      .array(z.object({ name: z.string() }).loose())
      .transform((all) => all.map((one) => [one.name, one] as const)),
    z.record(z.string(), z.unknown()).transform((all) => Object.entries(all)),
  ])
  .transform((all) =>
    Object.fromEntries(
      all.flatMap(([name, one]) => {
        const tree = listTree.safeParse(one)
        return tree.success ? [[name, tree.data] as const] : []
      }),
    ),
  )

const oddText = text.catch(undefined)
const field = z
  .object({
    id: z.string().min(1).max(200),
    name: oddText,
    categoryDisplayName: oddText,
    category: oddText,
    type: z.string().catch('unknown'),
    typeData: z.object({ listId: oddText }).nullish().catch(undefined),
  })
  .transform(({ id, name, categoryDisplayName, category, type, typeData }) => ({
    id,
    name: trimmed(name) ?? id,
    group: trimmed(categoryDisplayName) ?? trimmed(category) ?? 'Other',
    type: type.toLowerCase(),
    list: typeData?.listId ?? undefined,
  }))
export type FieldMetadata = z.output<typeof field>
/** Unreadable entries are skipped. */
export const fields = z.array(z.unknown()).transform((all, context) => {
  const read = all.flatMap((one) => field.safeParse(one).data ?? [])
  if (read.length > 0 || all.length === 0) return read
  context.addIssue({ code: 'custom', message: 'metadata without a readable field' })
  return z.NEVER
})

const document = z.union([
  z
    .object({ doc: z.object({ id: id.optional(), name: text, documentName: text }) })
    .transform(({ doc }) => doc),
  z.object({ id: id.optional(), name: text, documentName: text }),
])

export const documentList = z
  .union([
    z.object({ documents: z.array(document) }).transform(({ documents }) => documents),
    z.array(document),
  ])
  .transform((documents) =>
    documents.map((raw) => ({ id: raw.id, name: raw.documentName ?? raw.name ?? '' })),
  )

/** HiBob's own description leaves this body open: `id` or `docId`, or nothing at all. */
export const uploadedDocument = z
  .object({ id: id.optional(), docId: id.optional() })
  .transform((raw) => raw.id ?? raw.docId)

const folder = z.union([
  z.object({ value: z.object({ id }) }).transform(({ value }) => value.id),
  z.object({ id }).transform((raw) => raw.id),
])
export const folderIds = z.union([
  z.array(folder),
  z.object({ folders: z.array(folder) }).transform(({ folders }) => folders),
])

/** Of a dated table. */
const row = z.object({ id: id.nullish(), effectiveDate: z.string().transform(dayIn) }).catchall(z.json())
export type Row = z.output<typeof row>
export const tableRows = z.object({ values: z.array(row) })

/** Not described, and seen of some tables. */
export const addedRow = z.object({ entryId: id }).transform(({ entryId }) => entryId)

export const refusedRow = z.object({ key: oddText, error: oddText, errorMessage: oddText })

/** Undefined when nothing is left: an empty value says no more than one that is hidden. */
function trimmed(value: unknown): string | undefined {
  return (typeof value === 'string' && value.trim()) || undefined
}

/** HiBob may return a date with a time. */
function dayIn(date: string): string {
  return /^\d{4}-\d{2}-\d{2}(?=T)/.exec(date)?.[0] ?? date
}

function lowered(value: unknown): string | undefined {
  return trimmed(value)?.toLowerCase()
}
