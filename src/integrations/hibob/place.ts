/** Site, title and department in HiBob's own spelling: HiBob refuses an employee with a value that its lists do not hold. */
import {
  AnswerTooLarge,
  type MappedHire,
  nearest,
  NeedsPerson,
  quoted,
  sameText,
  shortened,
  type Target,
  UnrecognisedAnswer,
} from '../../sdk/index.ts'
import type { Bob } from './client.ts'
import type { Warning } from './kept.ts'
import { isNameShared } from './more-values.ts'
import { fieldIds, type Untold } from './new-hire.ts'
import { type Optionally, readOptionally } from './optional-read.ts'
import type { ListItem } from './wire.ts'

/** Lists rarely change; a value that seems unknown is looked for once more in a fresh one. */
const keptSeconds = 600
const mostListed = 10

export interface Lists {
  readonly cached: <T>(key: string, seconds: number, read: () => Promise<T>) => Promise<T>
  readonly bob: Bob
  /** Undefined: a list that cannot be read at the moment stops the hire. */
  readonly optional?: Optionally
}

interface WantedPlace {
  readonly site: string
  readonly title: string | undefined
  readonly department: string | undefined
  readonly untold?: Untold | undefined
}

export interface Place {
  readonly site: ListItem
  readonly title: ListItem | undefined
  readonly department: ListItem | undefined
  readonly warnings: readonly Warning[]
}

/** `known`: items that were already found, so that no list is read for them. */
export async function placeInBob(
  lists: Lists,
  wanted: WantedPlace,
  known: { readonly [Name in PlaceName]?: ListItem | undefined } = {},
): Promise<Place> {
  const site = known.site ?? (await knownSite(lists, wanted))
  const listed = async (name: 'title' | 'department'): Promise<Listed> =>
    known[name] === undefined ? listedAs(lists, name, wanted) : { value: known[name], leftOut: [] }
  const title = await listed('title')
  const department = await listed('department')
  return {
    site,
    title: title.value,
    department: department.value,
    warnings: [...title.leftOut, ...department.leftOut],
  }
}

interface Listed {
  readonly value: ListItem | undefined
  readonly leftOut: readonly Warning[]
}

type PlaceName = 'site' | 'title' | 'department'

/** For a mapped hire: its values were already matched with list items, unless HiBob does not show the lists. */
export async function placeOfMapped(
  lists: Lists,
  {
    values,
    fields,
  }: Pick<MappedHire, 'values'> & { readonly fields: ReadonlyMap<string, Pick<Target, 'choices'>> },
  wanted: WantedPlace,
): Promise<Place> {
  const itemOf = (name: PlaceName): ListItem | undefined => {
    const choice = wanted[name] === undefined ? undefined : values.get(fieldIds[name])?.choice
    const isShared = choice && isNameShared(choice, fields.get(fieldIds[name])?.choices)
    return choice && { id: choice.id, name: choice.name, isNameShared: isShared }
  }
  return placeInBob(lists, wanted, {
    site: itemOf('site'),
    title: itemOf('title'),
    department: itemOf('department'),
  })
}

/** Optional fields of every hire. */
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

/** The same for a field that only a mapping fills. */
export function moreLeftOut(id: string): Warning {
  return { code: 'hibob.field_left_out', message: `The field ${id} was left out: HiBob refused it.` }
}

/** If the list of sites cannot be read, HiBob's answer to the create decides. */
async function knownSite(lists: Lists, { site, untold }: WantedPlace): Promise<ListItem> {
  const unlisted = { id: undefined, name: site }
  const kept = await keptList(lists, 'site')
  if (kept === undefined) return unlisted
  const known = alike(namesOf(kept), site)
  if (known.length === 1) return itemCalled(kept, site) ?? unlisted

  const fresh = await readList(lists, () => lists.bob.listItems('site'))
  if (fresh === undefined) return unlisted
  const names = namesOf(fresh)
  const told = untold?.site === true ? undefined : site
  if (alike(names, site).length > 1) throw siteUnknown(told, names, { isSeveral: true })
  const item = itemCalled(fresh, site)
  if (item === undefined) throw siteUnknown(told, names)
  return item
}

/** `site` undefined: a mapping takes it from a personal source, so it is not shown. */
export function siteUnknown(
  site: string | undefined,
  sites: readonly string[],
  { isSeveral = false } = {},
): NeedsPerson {
  const shown = sites.slice(0, mostListed)
  const more = sites.length > mostListed ? `, and ${sites.length - mostListed} more` : ''
  const told = site === undefined ? 'that the mapping gives' : quoted(site)
  const message = isSeveral ? `HiBob has several sites like ${told}.` : `HiBob has no site ${told}.`
  return new NeedsPerson('hibob.site_unknown', message, {
    details: {
      ...(site !== undefined && { site: shortened(site) }),
      sites: shown.map((name) => shortened(name)),
    },
    fix:
      `Set \`site\` or \`sites\` of the connection, or its mapping of work.site, to a site that HiBob knows: ${shown.map(quoted).join(', ')}${more}. ` +
      'Or add the site in HiBob, or correct the location of the job in Pinpoint. The run then resumes automatically.',
    resumesOn: 'connection',
    watches: ['record', { recheck: 'sites', seen: sites }],
  })
}

/** Title and department are welcome, not demanded: one that HiBob does not know is left out, and said. */
async function listedAs(
  lists: Lists,
  name: 'title' | 'department',
  { [name]: wanted, untold }: WantedPlace,
): Promise<Listed> {
  const tells = untold?.[name] !== true
  if (wanted === undefined) return { value: undefined, leftOut: [] }
  const items = await keptList(lists, name)
  const names = items && namesOf(items)
  const because = whyLeftOut(name, names, wanted)
  if (because === undefined) return { value: itemCalled(items ?? [], wanted), leftOut: [] }
  const why = tells ? `${because}${meant(nearIn(names, wanted))}` : because
  return { value: undefined, leftOut: [leftOut(name, tells ? wanted : undefined, why)] }
}

/** None where the list has it, under several headings. */
export function nearIn(names: readonly string[] | undefined, wanted: string): readonly string[] {
  return names !== undefined && spelledIn(names, wanted) === undefined ? nearest(wanted, names) : []
}

export function meant(near: readonly string[]): string {
  return near.length === 0 ? '' : ` (did you mean ${near.map(quoted).join(', or ')}?)`
}

export function itemCalled(items: readonly ListItem[], wanted: string): ListItem | undefined {
  const spelled = spelledIn(namesOf(items), wanted)
  return items.find(({ name }) => name === spelled)
}

export async function keptList(lists: Lists, name: string) {
  const { cached, bob } = lists
  return readList(lists, () => cached(`list:${name}`, keptSeconds, () => bob.listItems(name)))
}

/**
 * Undefined: it cannot be read. A web page instead of a list, or a list that is too large, is not cached and stops no hire: if all of HiBob
 * answers like that, the search that follows fails. An outage is waited for, but only for some minutes.
 */
async function readList<T>({ optional }: Lists, read: () => Promise<T>): Promise<T | undefined> {
  const result = await readOptionally(optional, 'Lists of HiBob', async () => {
    try {
      return await read()
    } catch (error) {
      if (error instanceof UnrecognisedAnswer || error instanceof AnswerTooLarge) return undefined
      throw error
    }
  })
  return 'value' in result ? result.value : undefined
}

const namesOf = (items: readonly ListItem[]) => items.map(({ name }) => name)

/** Undefined: the list has the value. */
export function whyLeftOut(
  name: 'title' | 'department',
  values: readonly string[] | undefined,
  wanted: string,
): string | undefined {
  if (values === undefined) return `its list of ${name}s cannot be read`
  const called = alike(values, wanted)
  if (called.length === 0) return 'it is not in HiBob’s list'
  // A list may be a tree, with one name under two headings.
  return called.length > 1 ? 'HiBob’s list has it under several headings' : undefined
}

/** As HiBob spells it; undefined when it has no such value. */
export function spelledIn(values: readonly string[], wanted: string): string | undefined {
  return alike(values, wanted)[0]
}

/** Exact matches or, if there are none, those that differ in case and spaces only. */
function alike(values: readonly string[], wanted: string): readonly string[] {
  const exact = values.filter((value) => value === wanted)
  return exact.length > 0 ? exact : values.filter((value) => sameText(value, wanted))
}
