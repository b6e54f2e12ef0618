/**
 * The pure part of a hire: a stored mapping of thirty fields is read, applied, and compared with the fields and lists that the destination has. Once
 * for each attempt, without a call, in the process that works on many hires at a time.
 */
import { fieldsOf, listNamed } from '../../sandbox/hibob/lists.ts'
import { companySeed } from '../../sandbox/hibob/seed.ts'
import { targetsOf } from '../../src/integrations/hibob/fields.ts'
import { hibob } from '../../src/integrations/hibob/index.ts'
import { settings } from '../../src/integrations/hibob/settings.ts'
import { openMapping } from '../../src/worker/open-mapping.ts'
import { hireOf } from '../../test/integrations/a-hire.ts'
import { everyTarget, managerAttribute, rowDay, usualCompany } from '../../test/support/every-target.ts'
import type { Figure, Scenario } from '../support/figure.ts'

/** Of each list. */
const items = 1_000

const names = (of: string) => Array.from({ length: items }, (_, at) => `${of} ${at}`)
const added = Array.from({ length: 10 }, (_, at) => ({
  ...{ id: `about.custom.field_${3000 + at}`, name: `Field ${at}` },
  ...{ category: 'about', categoryDisplayName: 'About' },
}))
const company = companySeed.parse({
  ...usualCompany,
  fields: [...usualCompany.fields, ...added],
  sites: names('Site'),
  titles: names('Title'),
  departments: names('Department'),
})
const mapping = {
  ...everyTarget(company),
  'work.site': 'job.location',
  'work.title': 'job.title',
  'work.department': { from: 'job.department', values: { Engineering: `Department ${items - 1}` } },
  ...Object.fromEntries(
    added.map(({ id }, at) => [
      id,
      { template: `{candidate.firstName|ascii|lower}.{candidate.lastName|slug}.${at}` },
    ]),
  ),
}

export const mappingOfOne: Scenario = {
  name: 'mapping',
  about: `the mapping of one hire, ${Object.keys(mapping).length} fields, against lists of ${items} items; beside it, the JSON of its result`,
  open({ quick }) {
    const hires = quick ? 200 : 2_000
    const trees = Object.fromEntries(
      ['title', 'department', ...Object.keys(company.lists)].map((name) => [
        name,
        listNamed(company, name) ?? [],
      ]),
    )
    const site = company.sites.map((name, at) => ({ id: String(at), name, archived: false, children: [] }))
    const fields = targetsOf(
      fieldsOf(company).map(({ id, name, categoryDisplayName: group, type, listId: list }) => ({
        ...{ id, name, group, type, list },
      })),
      { ...trees, site },
    )
    const own = settings.parse({})
    const stored = { written: mapping, version: 1 }
    const hireAt = (title: string) =>
      hireOf({
        firstName: 'Łukasz',
        lastName: 'van der Berg',
        job: {
          ...{ id: '7', title, visibility: 'external' },
          ...{ location: `site ${items - 1}`, department: 'engineering' },
        },
        customAttributes: { [managerAttribute]: 'grace@example.com', [rowDay]: '2027-03-01' },
      })
    /** Milliseconds of each hire. */
    const measure = (title: string, gaps: number) => {
      const application = hireAt(title)
      const mapped = () => {
        const apply = openMapping(hibob, stored, own)
        return apply?.({ application }, 'Europe/Berlin').against(fields)
      }
      const result = mapped()
      if (result?.gaps.length !== gaps) throw new Error(`gaps: ${JSON.stringify(result?.gaps)}`)
      return {
        ours: timeOf(hires, mapped),
        baseline: timeOf(hires, () => JSON.stringify([...result.values.values()])),
      }
    }
    return Promise.resolve(() => {
      const bar = { of: 'ours', atMost: 1 } as const
      // Without a bar: it looks for what may have been meant among all items of the list, for the few that park or are told.
      const figures: readonly Figure[] = [
        { name: 'all fits', unit: 'ms', ...measure(`Title ${items - 1}`, 0), bar },
        { name: 'a title that the list does not have', unit: 'ms', ...measure('Titel 99', 1) },
      ]
      return Promise.resolve(figures)
    })
  },
}

/** Of the processor, so that what else runs on the machine does not count. After a tenth of the times, without which V8 has compiled nothing. */
function timeOf(times: number, work: () => unknown): number {
  for (let done = 0; done < times / 10; done++) work()
  const before = process.cpuUsage()
  for (let done = 0; done < times; done++) work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / times
}
