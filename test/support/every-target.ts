/** A mapping that fills every field that HiBob's integration declares, and some of the customer's own, so that a new target is tried without a word. */
import { builtInFields } from '../../sandbox/hibob/field-catalogue.ts'
import { leavesOf } from '../../sandbox/hibob/list-items.ts'
import { fieldsOf, listNamed } from '../../sandbox/hibob/lists.ts'
import { categoryOf } from '../../sandbox/hibob/rights.ts'
import { type Company, companySeed } from '../../sandbox/hibob/seed.ts'
import { defaults, targets } from '../../src/integrations/hibob/mapping.ts'
import { settings } from '../../src/integrations/hibob/settings.ts'
import { isOfSalary } from '../../src/integrations/hibob/tables.ts'
import type { Json, Target } from '../../src/sdk/index.ts'

const own = [
  { id: 'work.custom.field_1651', name: 'Badge' },
  { id: 'work.custom.field_1652', name: 'T-shirt size', type: 'list', listId: 'sizes' },
  {
    ...{ id: 'about.custom.field_1653', name: 'Motto' },
    ...{ category: 'about', categoryDisplayName: 'About' },
  },
] as const
const column = 'work.customColumns.column_1655'

const bare = companySeed.parse({ name: 'acme' })
/** A company that has added fields and a list of its own. */
export const usualCompany: Company = companySeed.parse({
  ...bare,
  fields: [...own],
  lists: { ...bare.lists, sizes: ['Small', 'Large'] },
})

/** Of rows: the day on the application, or else the start date, whose row comes with the create. */
export const rowDay = 'Row day'
/** The e-mail of the manager and of all other colleagues, on the application. */
export const managerAttribute = 'Manager'

/** What HiBob is given by itself stays as it is. */
export function everyTarget(company: Company): Readonly<Record<string, Json>> {
  const byItself = defaults(settings.parse({}))
  const declared = targets.filter(({ id }) => !(id in byItself)).map((one) => [one.id, ruleFor(one, company)])
  const ofOwn = own.map(({ id }) => [id, { constant: itemOf(id, company) ?? 'Zz-own' }])
  return Object.fromEntries([...declared, ...ofOwn, [column, { constant: 'Zz-column' }]]) as Record<
    string,
    Json
  >
}

function ruleFor({ id, type }: Target, company: Company): Json {
  if (type === 'person') return { from: `application.custom["${managerAttribute}"]`, find: 'employee' }
  if (id.endsWith('.activeEffectiveDate')) return [`application.custom["${rowDay}"]`, 'offer.startOn']
  return { constant: itemOf(id, company) ?? valueOf(id, type) }
}

function itemOf(id: string, company: Company): string | undefined {
  const list = fieldsOf(company).find((field) => field.id === id)?.listId
  return list === undefined ? undefined : leavesOf(listNamed(company, list) ?? []).at(-1)?.name
}

function valueOf(id: string, type: Target['type']): string | number | boolean {
  if (id.endsWith('.currency')) return 'EUR'
  if (/e-?mail$/i.test(id)) return 'zz@example.com'
  if (/phone|mobile/i.test(id)) return '+15555550199'
  if (/linkedin/i.test(id)) return 'https://www.linkedin.com/in/zz-example'
  const values = { date: '2027-03-04', number: 363_430, money: 65_432.1, boolean: true }
  return type in values ? values[type as keyof typeof values] : 'Zz'
}

/** Of which the create holds something, while no row begins later. */
export const sentWithCreate: readonly string[] = [
  ...new Set([...Object.keys(defaults(settings.parse({}))), ...Object.keys(everyTarget(usualCompany))]),
].filter((id) => !isOfSalary(id) && !id.endsWith('.activeEffectiveDate'))

/** As HiBob calls the category, by which it grants permissions. */
export function groupOf(id: string): string {
  const category = categoryOf(id)
  return builtInFields.find((field) => categoryOf(field.id) === category)?.categoryDisplayName ?? category
}

/** The fields that warnings name. */
export function namedIn(text: string): readonly string[] {
  const known = new Set(sentWithCreate)
  const named = Array.from(text.matchAll(/[a-z]+(?:\.\w+)+/gi), ([id]) => id)
  return [...new Set(named.filter((id) => known.has(id)))].toSorted()
}
