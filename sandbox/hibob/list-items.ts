/** The items of a company's lists. A list can be a tree: only its leaves are values, and two leaves may have one name. */
import { z } from 'zod'

export interface ItemSeed {
  readonly name: string
  readonly id?: string | undefined
  readonly archived?: boolean | undefined
  readonly children?: readonly (string | ItemSeed)[] | undefined
}

const itemSeed: z.ZodType<string | ItemSeed> = z.lazy(() =>
  z.union([
    z.string(),
    z.strictObject({
      name: z.string(),
      id: z.string().optional(),
      archived: z.boolean().optional(),
      children: z.array(itemSeed).optional(),
    }),
  ]),
)
export const listSeed = z.array(itemSeed)
export type ListSeed = readonly (string | ItemSeed)[]

/** Of every company, unless it is told otherwise. */
export const usualLists: Readonly<Record<string, (string | ItemSeed)[]>> = {
  pronouns: ['He / Him', 'She / Her', 'They / Them'],
  countries: ['Germany', 'Spain', 'United Kingdom', 'United States'],
  employmentstatus: ['Full time', 'Part time'],
  payrollEmploymentType: ['Permanent', 'Temporary'],
  payPeriod: ['Annual', 'Monthly', 'Hourly'],
  payFrequency: ['Monthly', 'Weekly', 'Every two weeks'],
  honorific: ['Dr.', 'Mr.', 'Ms.'],
  nationalities: ['British', 'German', 'Spanish'],
  disabilityStatus: ['Yes', 'No'],
  veteranStatus: ['Protected', 'Not a veteran'],
  orgLevels: ['Junior', 'Senior'],
  hobbies: ['Music', 'Sports'],
  superpowers: ['Empathy', 'Focus'],
  foodPreferences: ['Vegan', 'Vegetarian'],
  familystatus: ['Married', 'Single'],
  legalGender: ['Female', 'Male'],
  legalGenderEnhanced: ['Female', 'Male', 'Non-binary'],
  relation: ['Friend', 'Parent', 'Partner'],
  salaryPayType: ['Hourly', 'Salaried'],
  flsaCode: ['Exempt', 'Non-exempt'],
  personalWorkingPatternTypes: ['Full time', 'Part time'],
  // These have numbers as ids.
  calendar: [{ name: 'UK holidays', id: '4711' }],
  workLocation_entity_list: [{ name: 'London office', id: '5101' }],
  employer_entity_list: [{ name: 'Example Ltd', id: '6201' }],
  employer_workLocation_tree_entity_list: [{ name: 'Example Ltd', children: ['London office'] }],
  ethnicity: ['Not disclosed'],
  ethnicities: ['Not disclosed'],
  jobCategory: ['Professionals'],
  ukTaxSettingsStarterType: ['New employee with P45'],
  ukTaxSettingsStarterDeclaration: ['A', 'B', 'C'],
  ukTaxSettingsTaxResidency: ['England', 'Scotland', 'Wales'],
  ukTaxSettingsLoanTypes: ['Plan 1', 'Plan 5'],
  ukTaxSettingsNationalInsuranceCategory: ['A', 'B'],
  ukTaxSettingsDirectorsNIBasis: ['Standard', 'Alternative'],
}

export interface Item {
  readonly id: string
  readonly name: string
  readonly archived: boolean
  readonly children: readonly Item[]
}

/** Built-in items have their name as id. Items of companies that take ids, and of trees, have a number. */
export function itemsOf(
  list: ListSeed,
  { numbered, from }: { readonly numbered: boolean; readonly from: number },
) {
  let next = from
  const isTree = list.some((seed) => typeof seed !== 'string' && seed.children !== undefined)
  const items = (seeds: ListSeed): readonly Item[] =>
    seeds.map((seed) => {
      const { name, id, archived = false, children = [] } = typeof seed === 'string' ? { name: seed } : seed
      const own = id ?? (numbered || isTree ? String(next++) : name)
      return { id: own, name, archived, children: items(children) }
    })
  return items(list)
}

/** What can be a value. */
export function leavesOf(items: readonly Item[]): readonly Item[] {
  return items.flatMap((item) =>
    item.children.length > 0 ? leavesOf(item.children) : item.archived ? [] : [item],
  )
}
