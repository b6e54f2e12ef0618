/** What a wrapped port tells of each moment it passes, and which call of a port a statement belongs to. */
import { AsyncLocalStorage } from 'node:async_hooks'

import { batchMembers } from '../../src/postgres/batched.ts'
import { type Boundary, type CrashPoint, isCrashPoint, type Moment } from './crash-point.ts'

/** One call through a port. */
export interface Passage {
  readonly boundary: Boundary
  /** Of which step: `hibob POST /people`, `Employee in HiBob`, `done`; empty where there is only one. */
  readonly step: string
  /** The tenants whose hires it is about. */
  readonly accounts: readonly string[]
}

export interface Reached extends Passage {
  readonly point: CrashPoint
  readonly moment: Moment
  /** `statement`: the database has done it, and its answer has not been given to the caller yet. */
  readonly level: 'port' | 'statement'
}

/** May do harm, or throw. Resolves at once where nothing was planned. */
export type Reach = (at: Reached) => Promise<void>

const passing = new AsyncLocalStorage<Passage>()

/** The calls of a port that the current statement is made for: one, or all that share its batch. */
export function currentPassages(): readonly Passage[] {
  const members = batchMembers()
  const passages =
    members.length === 0
      ? [passing.getStore()]
      : members.map((inContext) => inContext(() => passing.getStore()))
  return passages.filter((passage) => passage !== undefined)
}

export async function passBy<T>(reach: Reach, passage: Passage, call: () => Promise<T>): Promise<T> {
  await reach(at(passage, 'before'))
  try {
    return await passing.run(passage, call)
  } finally {
    await reach(at(passage, 'after'))
  }
}

export function at(passage: Passage, moment: 'before' | 'after', level: Reached['level'] = 'port'): Reached {
  return { ...passage, moment, level, point: `${passage.boundary}.${moment}` }
}

/** Undefined for what is committed by its only statement. */
export function uncommitted(passage: Passage): Reached | undefined {
  const point = `${passage.boundary}.uncommitted`
  return isCrashPoint(point) ? { ...passage, moment: 'uncommitted', level: 'port', point } : undefined
}
