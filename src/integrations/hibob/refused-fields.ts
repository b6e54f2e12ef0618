/**
 * HiBob may name only one refused field at a time, and an attempt has three calls. The fields that it has refused by then are journalled,
 * and the next attempt starts without them, so that optional values do not stop the hire.
 */
import { type HandlerContext, RetryLater } from '../../sdk/index.ts'
import { type MoreValues, without } from './more-values.ts'

type Step = HandlerContext<unknown, unknown, unknown>['step']

/** After this many attempts, the next one sends required fields only. */
const mostAttempts = 3

/** The optional values that an attempt starts with. */
export async function refusedBefore(
  step: Step,
  whole: MoreValues,
  mustKeep: ReadonlySet<string>,
): Promise<MoreValues> {
  const refused = await journalled(step)
  const ids = refused.length < mostAttempts ? refused.flat() : Object.keys(whole)
  return without(
    whole,
    ids.filter((id) => !mustKeep.has(id)),
  )
}

/** Journals the refused fields, and returns the failure that ends the attempt. */
export async function nextAttempt(step: Step, whole: MoreValues, next: MoreValues): Promise<RetryLater> {
  const fields = Object.keys(whole).filter((id) => !(id in next))
  await step(titleOf((await journalled(step)).length), () => Promise.resolve(fields))
  return new RetryLater(
    'hibob.fields_refused',
    `HiBob refused several fields of the new employee, one after the other: ${fields.join(', ')}. The next attempt leaves them out.`,
    { details: { fields } },
  )
}

async function journalled(step: Step): Promise<readonly (readonly string[])[]> {
  const all: (readonly string[])[] = []
  while (all.length < mostAttempts) {
    const fields = await inJournal(step, titleOf(all.length))
    if (fields === undefined) break
    all.push(fields)
  }
  return all
}

/** A step whose work fails is not journalled, so this only reads. */
async function inJournal(step: Step, title: string): Promise<readonly string[] | undefined> {
  const notThere = new Error('not in the journal')
  try {
    return await step<readonly string[]>(title, () => Promise.reject(notThere))
  } catch (error) {
    if (error === notThere) return undefined
    throw error
  }
}

function titleOf(earlier: number): string {
  return `Fields that HiBob refused${earlier === 0 ? '' : ` (${earlier + 1})`}`
}
