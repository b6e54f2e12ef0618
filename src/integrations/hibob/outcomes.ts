/** What a run would do with the mapped fields of a hire: rows are whole or not at all, and people are found by their e-mail. */
import {
  type FieldOutcome,
  type Gap,
  type MappedHire,
  NeedsPerson,
  type PersonSearch,
  quoted,
  type ReadyValue,
  Refused,
  RetryLater,
  type Target,
} from '../../sdk/index.ts'
import { findPerson } from './manager.ts'
import { fieldIds } from './new-hire.ts'
import { keptList, type Lists, meant, nearIn, spelledIn, whyLeftOut } from './place.ts'
import { placeRows } from './place-rows.ts'
import { type RowLeftOut, rowsOfHire, targetsOf } from './wanted-rows.ts'

/** As the handler does it, with nothing made. */
export async function outcomesInBob(
  lists: Lists,
  mapped: MappedHire,
  fields: readonly Target[],
): Promise<readonly FieldOutcome[]> {
  const startDate = mapped.values.get(fieldIds.startDate)?.value ?? ''
  const { leftOut } = await placeRows(lists, rowsOfHire(mapped, startDate))
  const outcomes = leftOut.flatMap((row) => ofRow(row, mapped))
  outcomes.push(...ofOwnEmail(mapped))
  for (const name of ['site', 'title', 'department'] as const) {
    const value = mapped.values.get(fieldIds[name])
    // What is an item of a list that came along with the fields is known.
    if (value !== undefined && value.choice === undefined)
      outcomes.push(...(await ofPlace(lists, name, value)))
  }
  for (const value of mapped.values.values())
    if (value.find === 'employee') outcomes.push(await ofPerson(lists, value, fields))
  return outcomes
}

/** Whatever the login is made of, the run parks for a hire without an e-mail address of their own. */
function ofOwnEmail({ gaps }: MappedHire): readonly FieldOutcome[] {
  const isNone = ({ source, code }: Gap) =>
    source === 'candidate.email' && (code === 'no_value' || code === 'not_an_email')
  const gap = gaps.find((one) => one.target === fieldIds.privateEmail && isNone(one))
  if (gap === undefined || gap.parks) return []
  const reason = `${gap.reason} The hire is known by it.`
  return [{ target: gap.target, problem: { ...gap, reason, parks: true } }]
}

/** What a row lacks, and what is left out for it. */
function ofRow({ table, gaps }: RowLeftOut, mapped: MappedHire): readonly FieldOutcome[] {
  const lacking = gaps.map((gap) => ({
    target: gap.target,
    problem: gap.parks ? gap : { ...gap, reason: `${gap.reason} So the ${table.name} row is left out.` },
  }))
  // A run that parks sends nothing at all.
  if (gaps.some(({ parks }) => parks)) return lacking
  const names = gaps.map(({ target }) => target)
  const others = targetsOf(table, mapped).filter((one) => mapped.values.has(one) && !names.includes(one))
  const reason = `The ${table.name} row is left out for ${names.join(', ')}.`
  return [
    ...lacking,
    ...others.map((target) => ({ target, problem: gapOf(mapped, target, { code: 'row_left_out', reason }) })),
  ]
}

/** Where the fields came without their lists, the run reads the list itself. */
async function ofPlace(
  lists: Lists,
  name: 'site' | 'title' | 'department',
  { target, value, source, parks, organisational }: ReadyValue,
): Promise<readonly FieldOutcome[]> {
  const names = (await keptList(lists, name))?.map((item) => item.name)
  const isUnknown = names !== undefined && spelledIn(names, value) === undefined
  const siteBecause = isUnknown ? 'it is no site of HiBob' : undefined
  const because = name === 'site' ? siteBecause : whyLeftOut(name, names, value)
  if (because === undefined) return []
  const near = organisational ? nearIn(names, value) : []
  const told = organisational ? `The value ${quoted(value)}` : 'The value'
  const reason = `${told} of ${source ?? 'the mapping'} cannot be sent: ${because}${meant(near)}.`
  const problem = { target, source, code: 'not_a_choice', reason, near } as const
  return [{ target, problem: { ...problem, parks: parks || name === 'site' } }]
}

/** Hires of one manager do not repeat a search that was refused, either. */
const keptSeconds = 600

async function ofPerson(lists: Lists, ready: ReadyValue, fields: readonly Target[]): Promise<FieldOutcome> {
  const { target, value, source, parks } = ready
  const live = fields.find(({ id }) => id === target)
  const search = () => searched(lists, ready, live)
  const found = await lists.cached(`outcome:${target}:${value.toLowerCase()}`, keptSeconds, search)
  if ('state' in found) return { target, person: found }
  const because = `${found.because.charAt(0).toUpperCase()}${found.because.slice(1)}`
  const reason = `${because} (from ${source ?? 'the mapping'}).`
  return { target, problem: { target, source, code: 'not_found', reason, near: [], parks } }
}

async function searched(
  lists: Lists,
  ready: ReadyValue,
  live: Target | undefined,
): Promise<PersonSearch | { readonly because: string }> {
  try {
    const found = await findPerson(lists, ready, live)
    return 'id' in found ? { state: 'found' } : found
  } catch (error) {
    const isAnswer = error instanceof NeedsPerson || error instanceof RetryLater || error instanceof Refused
    if (!isAnswer) throw error
    return { state: 'unknown', reason: error.reason }
  }
}

function gapOf({ values }: MappedHire, target: string, told: Pick<Gap, 'code' | 'reason'>): Gap {
  return { target, source: values.get(target)?.source, ...told, near: [], parks: false }
}
