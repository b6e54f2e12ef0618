/** The rows of a matrix: every call that a hire passes, seen in a run where nothing goes wrong. */
import { type Boundary, type CrashPoint, crashPoints, type Moment } from './crash-point.ts'
import type { Reached } from './reach.ts'
import type { Scenario } from './subject.ts'

/** One call of one scenario, the n-th with its name. */
export interface Row {
  readonly scenario: Scenario
  readonly boundary: Boundary
  readonly step: string
  readonly nth: number
}

export const levels = ['throw', 'database', 'killed', 'paused', 'outside'] as const
/**
 * `throw`: an error. `database`: its connections are gone. `killed`: SIGKILL. `paused`: stopped until another has finished
 * its run. `outside`: calls and answers get lost.
 */
export type Level = (typeof levels)[number]

const points = Object.keys(crashPoints) as readonly CrashPoint[]

/** The moments of a call at which this accident can happen. */
export function momentsOf({ boundary, scenario }: Row, rung: Level): readonly Moment[] {
  if (rung === 'outside' && boundary !== 'http.send' && boundary !== 'download') return []
  // Only what is done with a run or a sweep that a process has: another one can have it, too.
  if (
    rung === 'paused' &&
    !(scenario.through === undefined ? hasRun(boundary) : hasSweep(boundary, scenario))
  )
    return []
  // A file that was given whole is not asked for again: losing its answer is the same as losing the request.
  if (rung === 'outside' && boundary === 'download') return ['before']
  // A pause within a transaction holds a lock.
  const moments: readonly Moment[] =
    rung === 'paused' ? ['before', 'after'] : ['before', 'uncommitted', 'after']
  return moments.filter((moment) => points.some((point) => point === `${boundary}.${moment}`))
}

function hasRun(boundary: Boundary): boolean {
  return !/^(events|inbox|sweeps|queue|limits)\./.test(boundary)
}

function hasSweep(boundary: Boundary, { through }: Scenario): boolean {
  return (
    through === 'sweep' && ['sweeps.claim', 'sweeps.record', 'sweeps.end', 'http.send'].includes(boundary)
  )
}

/** What a clean run has passed, as rows; of later scenarios only what is new and what they are there for. */
export function rowsOf(
  seen: readonly { readonly scenario: Scenario; readonly passed: readonly Reached[] }[],
): readonly Row[] {
  const rows: Row[] = []
  for (const [index, { scenario, passed }] of seen.entries()) {
    const before = new Set(rows.map(nameOf))
    const counts = new Map<string, number>()
    for (const passage of passed) {
      const name = nameOf(passage)
      const nth = (counts.get(name) ?? 0) + 1
      counts.set(name, nth)
      // How often a budget is written depends on the clock.
      if (passage.boundary === 'limits.swap' && nth > 1) continue
      const again = scenario.again?.includes(passage.step) === true
      const wanted =
        index === 0 ||
        (scenario.for.includes(passage.boundary) && (again || (!before.has(name) && nth === 1)))
      if (wanted) rows.push({ scenario, boundary: passage.boundary, step: passage.step, nth })
    }
  }
  return rows.toSorted((a, b) => orderOf(a.boundary) - orderOf(b.boundary))
}

function nameOf({ boundary, step }: { readonly boundary: Boundary; readonly step: string }): string {
  return `${boundary} ${step}`
}

function orderOf(boundary: Boundary): number {
  return points.findIndex((point) => point.startsWith(`${boundary}.`))
}
