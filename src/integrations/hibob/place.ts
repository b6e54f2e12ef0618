/** Site, title and department in HiBob's own spelling: HiBob refuses an employee with a value that its lists do not hold. */
import {
  AnswerTooLarge,
  type MappedHire,
  nearest,
  NeedsPerson,
  quoted,
  sameText,
  shortened,
  UnrecognisedAnswer,
} from '../../sdk/index.ts'
import type { Bob } from './client.ts'
import type { Warning } from './kept.ts'
import { fieldIds } from './new-hire.ts'
import type { ListItem } from './wire.ts'

/** Lists rarely change; a value that seems unknown is looked for once more in a fresh one. */
const keptSeconds = 600
const mostListed = 10

export interface Lists {
  readonly cached: <T>(key: string, seconds: number, read: () => Promise<T>) => Promise<T>
  readonly bob: Bob
}

export interface Place {
  readonly site: ListItem
  readonly title: ListItem | undefined
  readonly department: ListItem | undefined
  readonly warnings: readonly Warning[]
}

export async function placeInBob(
  lists: Lists,
  wanted: {
    readonly site: string
    readonly title: string | undefined
    readonly department: string | undefined
  },
  mayTell: (name: 'title' | 'department') => boolean = () => true,
): Promise<Place> {
  const site = await knownSite(lists, wanted.site)
  const told = (name: 'title' | 'department') => ({ wanted: wanted[name], tells: mayTell(name) })
  const title = await listed(lists, 'title', told('title'))
  const department = await listed(lists, 'department', told('department'))
  return {
    site,
    title: title.value,
    department: department.value,
    warnings: [...title.leftOut, ...department.leftOut],
  }
}

/** Of a mapped hire, whose values are items of lists already; where HiBob has not shown these, as of every other hire. */
export async function placeOfMapped(
  lists: Lists,
  { values }: Pick<MappedHire, 'values'>,
  wanted: Parameters<typeof placeInBob>[1],
): Promise<Place> {
  const itemOf = (name: 'site' | 'title' | 'department'): ListItem | undefined => {
    const choice = wanted[name] === undefined ? undefined : values.get(fieldIds[name])?.choice
    return choice && { id: choice.id, name: choice.name }
  }
  const [site, title, department] = [itemOf('site'), itemOf('title'), itemOf('department')]
  const isKnown =
    (title !== undefined || wanted.title === undefined) &&
    (department !== undefined || wanted.department === undefined)
  if (site === undefined || !isKnown)
    return placeInBob(lists, wanted, (name) => values.get(fieldIds[name])?.organisational === true)
  return { site, title, department, warnings: [] }
}

/** What HiBob can do without. */
export type Optional = 'title' | 'department' | 'privateEmail'

/** Of a hire that goes through without it. Undefined: the value may say something of the person, and is not shown. */
export function leftOut(name: Optional, value: string | undefined, because: string): Warning {
  const told = value === undefined ? '' : ` ${quoted(value)}`
  switch (name) {
    case 'title': {
      const how = value === undefined ? ' `runs show --reveal` shows it.' : ''
      return {
        code: 'hibob.title_left_out',
        message: `The title${told} was left out: ${because}.${how}`,
      }
    }
    case 'department':
      return {
        code: 'hibob.department_left_out',
        message: `The department${told} was left out: ${because}.`,
      }
    case 'privateEmail':
      return {
        code: 'hibob.private_email_left_out',
        message: `The personal e-mail (home.privateEmail) was left out: ${because}.`,
      }
  }
}

/** The same of a field that only a mapping fills. */
export function moreLeftOut(id: string): Warning {
  return { code: 'hibob.field_left_out', message: `The field ${id} was left out: HiBob refused it.` }
}

/** Where the list of sites cannot be read, HiBob's own answer to the new employee decides. */
async function knownSite(lists: Lists, site: string): Promise<ListItem> {
  const unlisted = { id: undefined, name: site }
  const kept = await keptList(lists, 'site')
  if (kept === undefined) return unlisted
  const known = itemCalled(kept, site)
  if (known !== undefined) return known

  const fresh = await lists.bob.listItems('site')
  if (fresh === undefined) return unlisted
  const item = itemCalled(fresh, site)
  if (item === undefined) throw siteUnknown(site, namesOf(fresh))
  return item
}

export function siteUnknown(site: string, sites: readonly string[]): NeedsPerson {
  const shown = sites.slice(0, mostListed)
  const more = sites.length > mostListed ? `, and ${sites.length - mostListed} more` : ''
  return new NeedsPerson('hibob.site_unknown', `HiBob has no site ${quoted(site)}.`, {
    details: { site: shortened(site), sites: shown.map((name) => shortened(name)) },
    fix:
      `Set \`site\` or \`sites\` of the connection, or its mapping of work.site, to a site that HiBob knows: ${shown.map(quoted).join(', ')}${more}. ` +
      'Or add the site in HiBob, or correct the location of the job in Pinpoint. The run then resumes automatically.',
    resumesOn: 'connection',
    watches: ['record', { recheck: 'sites', seen: sites }],
  })
}

/** Title and department are welcome, not demanded: one that HiBob does not know is left out, and said. */
async function listed(
  lists: Lists,
  name: 'title' | 'department',
  { wanted, tells }: { readonly wanted: string | undefined; readonly tells: boolean },
): Promise<{ readonly value: ListItem | undefined; readonly leftOut: readonly Warning[] }> {
  if (wanted === undefined) return { value: undefined, leftOut: [] }
  const items = await keptList(lists, name)
  const names = items && namesOf(items)
  const because = whyLeftOut(name, names, wanted)
  if (because === undefined) return { value: itemCalled(items ?? [], wanted), leftOut: [] }
  const why = tells ? `${because}${meant(wanted, names ?? [])}` : because
  return { value: undefined, leftOut: [leftOut(name, tells ? wanted : undefined, why)] }
}

/** Nothing where the list has it, under several headings. */
function meant(wanted: string, names: readonly string[]): string {
  const near = spelledIn(names, wanted) === undefined ? nearest(wanted, names) : []
  return near.length === 0 ? '' : ` (did you mean ${near.map(quoted).join(', or ')}?)`
}

export function itemCalled(items: readonly ListItem[], wanted: string): ListItem | undefined {
  const spelled = spelledIn(namesOf(items), wanted)
  return items.find(({ name }) => name === spelled)
}

/**
 * A web page where the list should be, or a list beyond all measure, is not kept for the next hire, and stops none: when all of HiBob answers so, the search
 * that follows says it.
 */
export async function keptList({ cached, bob }: Lists, name: string) {
  try {
    return await cached(`list:${name}`, keptSeconds, () => bob.listItems(name))
  } catch (error) {
    if (error instanceof UnrecognisedAnswer || error instanceof AnswerTooLarge) return undefined
    throw error
  }
}

const namesOf = (items: readonly ListItem[]) => items.map(({ name }) => name)

/** Undefined: it is a value of the list. */
export function whyLeftOut(
  name: 'title' | 'department',
  values: readonly string[] | undefined,
  wanted: string,
): string | undefined {
  if (values === undefined) return `its list of ${name}s cannot be read`
  const spelled = spelledIn(values, wanted)
  if (spelled === undefined) return 'it is not in HiBob’s list'
  // A list may be a tree, with one name under two headings.
  const isAmbiguous = values.filter((value) => value === spelled).length > 1
  return isAmbiguous ? 'HiBob’s list has it under several headings' : undefined
}

/** As HiBob spells it; undefined when it has no such value. */
export function spelledIn(values: readonly string[], wanted: string): string | undefined {
  return values.find((value) => value === wanted) ?? values.find((value) => sameText(value, wanted))
}
