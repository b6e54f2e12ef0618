/**
 * The few fields of HiBob's answers that we read. Shapes that differ between HiBob's documentation and what has been
 * seen from the real API are both accepted; an answer of neither shape is unreadable, never "empty".
 */
import { z } from 'zod'

import type { Choice } from '../../sdk/index.ts'

/** Nineteen digits, beyond what a number can hold: text, or a number that is still exact. */
const id = z.union([z.string().min(1).max(200), z.int().transform(String)])
const text = z.string().nullish()
const slash = z.object({ value: z.unknown().optional() }).optional()
/** Only asked for where it is evidence, so another shape of it is as if it were hidden. */
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

export const refusedValues = z.object({ args: z.array(z.unknown()) })

interface RawListItem {
  readonly id?: string | null | undefined
  readonly name?: string | null | undefined
  readonly value?: unknown
  readonly archived?: boolean | null | undefined
  readonly children?: readonly RawListItem[] | null | undefined
}
const listItem: z.ZodType<RawListItem> = z.lazy(() =>
  z.object({
    id: id.nullish(),
    name: text,
    value: z.unknown().optional(),
    archived: z.boolean().nullish(),
    children: z.array(listItem).nullish(),
  }),
)

export interface ListItem {
  readonly id: string | undefined
  readonly name: string
}

/** A list's items as a tree: `values` from the real API, `items` in the documentation. */
export const listTree = z
  .union([z.object({ values: z.array(listItem) }), z.object({ items: z.array(listItem) })])
  .transform((list) => treeOf('values' in list ? list.values : list.items))

/** What a field may hold: leaves that are not archived. */
export const namedList = listTree.transform(leavesOf)

function treeOf(items: readonly RawListItem[]): readonly Choice[] {
  return items.flatMap(({ id, name, value, archived, children }) => {
    const own = name ?? (typeof value === 'string' ? value : undefined)
    const below = treeOf(children ?? [])
    return own === undefined
      ? below
      : [{ id: id ?? undefined, name: own, archived: archived === true, children: below }]
  })
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

const field = z
  .object({
    id: z.string().min(1).max(200),
    name: z.string().nullish(),
    categoryDisplayName: text,
    category: text,
    type: z.string(),
    typeData: z.object({ listId: text }).nullish(),
  })
  .transform(({ id, name, categoryDisplayName, category, type, typeData }) => ({
    id,
    name: trimmed(name) ?? id,
    group: trimmed(categoryDisplayName) ?? trimmed(category) ?? 'Other',
    type: type.toLowerCase(),
    list: typeData?.listId ?? undefined,
  }))
export type FieldMetadata = z.output<typeof field>
export const fields = z.array(field)

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
const row = z.object({ id: id.nullish(), effectiveDate: z.string() }).catchall(z.json())
export type Row = z.output<typeof row>
export const tableRows = z.object({ values: z.array(row) })

/** Not described, and seen of some tables. */
export const addedRow = z.object({ entryId: id }).transform(({ entryId }) => entryId)

export const refusedRow = z.object({ key: text, error: text, errorMessage: text })

/** Undefined when nothing is left: an empty value says no more than one that is hidden. */
function trimmed(value: unknown): string | undefined {
  return (typeof value === 'string' && value.trim()) || undefined
}

function lowered(value: unknown): string | undefined {
  return trimmed(value)?.toLowerCase()
}
