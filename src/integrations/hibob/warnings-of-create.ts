/**
 * The warnings of a create. They are journalled, because a later attempt may finish the run, for example when the CV is late, and does not
 * create again. If HiBob's answer was lost, the employee is read by id instead, without waiting.
 */
import { type Ensured, type HandlerContext, NeedsPerson, RetryLater } from '../../sdk/index.ts'
import type { Bob } from './client.ts'
import { notKept, type SentValue, type Warning } from './kept.ts'

interface Created {
  readonly employee: Ensured
  /** From the answer to this attempt's create. */
  readonly warnings: readonly Warning[]
  /** True if this attempt has found the employee by e-mail: after a lost answer, and not by an id on record. */
  readonly seenByEmail: boolean
  readonly sent: () => readonly SentValue[]
}

export async function warningsOfCreate(
  { step }: Pick<HandlerContext<unknown, unknown, unknown>, 'step'>,
  bob: Pick<Bob, 'heldOf'>,
  { employee, warnings, seenByEmail, sent }: Created,
): Promise<readonly Warning[]> {
  if (employee.how === 'planned' || employee.how === 'found') return warnings
  const { id, how, madeNow, knownById = false } = employee
  if (knownById) return warnings
  if (madeNow === true && warnings.length === 0) return warnings
  return step('Warnings of the create', async () => {
    const told = how === 'adopted' && seenByEmail ? await compared(bob, id, sent()) : warnings
    return told.map((one) => ({ ...one }))
  })
}

async function compared(
  bob: Pick<Bob, 'heldOf'>,
  id: string,
  sent: readonly SentValue[],
): Promise<readonly Warning[]> {
  try {
    const held = await bob.heldOf(id, [...new Set(sent.flatMap(({ ids }) => ids))])
    return held === undefined ? [notCompared('HiBob does not show the employee yet.')] : notKept(held, sent)
  } catch (error) {
    if (error instanceof NeedsPerson && !error.pausesConnection) return [notCompared(error.message)]
    if (error instanceof RetryLater) return [notCompared(error.message)]
    throw error
  }
}

function notCompared(why: string): Warning {
  const message = `HiBob’s answer to the new employee was lost, and what it holds was not compared with what was sent: ${why} Check it in HiBob.`
  return { code: 'hibob.fields_not_compared', message }
}
