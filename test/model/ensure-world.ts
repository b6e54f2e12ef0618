/**
 * Runs about one thing, workers that do them, and everything that can happen to them. The code under test is the real
 * src/effects/ensure.ts and src/worker/settlement.ts: each of its calls to a port waits here until the explorer lets it happen,
 * and before that any worker may be killed, be taken for dead while it lives, or be overtaken by time.
 */
import { type Clock, secondsAfter } from '../../src/base/clock.ts'
import { effectDeadline } from '../../src/base/effect-deadline.ts'
import { RetryLater, waitKinds } from '../../src/base/failure.ts'
import type { ConnectionId, RunId } from '../../src/base/ids.ts'
import { ensureEffect } from '../../src/effects/ensure.ts'
import { LeaseLost, type Ledger } from '../../src/runs/ports.ts'
import type { RunState, Settlement } from '../../src/runs/run.ts'
import type { Effect } from '../../src/sdk/ensure.ts'
import { settlementOf } from '../../src/worker/settlement.ts'
import { createMemoryLedger, type RunsBeside } from '../support/memory/ledger.ts'
import { createDestination, type DestinationRules, type Way, waysToMake } from './destination.ts'
import type { Chooser } from './explore.ts'

export interface WorldRules extends DestinationRules {
  /** How many runs are about the thing: hires of one person on several jobs. */
  readonly runs: number
  /** How many kills and wrong take-overs may happen. */
  readonly accidents: number
  /** How often time may pass while somebody is about to do something: a paused process, a slow network. */
  readonly pauses: number
  /** How many calls that make something may go wrong. */
  readonly troubles: number
  /** How often a person makes the same thing meanwhile. Default 0. */
  readonly byHand?: number
  /** What the integration declares. Default: the truth. */
  readonly declaredLagSeconds?: number
  /** False: a worker that was taken over still writes. */
  readonly fenced?: boolean
  /** Takes a guard out of the ledger, to see that the model notices. */
  readonly weaken?: (ledger: Ledger) => Ledger
  /** True: whoever asks for it knows that nothing is there before the first call, and says so at each attempt. */
  readonly knowsFirst?: boolean
  /** True: the first call of each attempt is refused for what it sends, and the next sends something else. */
  readonly refusesFirst?: boolean
  /** True: a call that makes something is repeated at once after an unclear answer. */
  readonly repeatsMake?: boolean
  /** Looks before it makes. Default true. */
  readonly looks?: boolean
  /** False: waits never count as time of failing. */
  readonly countsWaits?: boolean
}

interface Run {
  readonly id: RunId
  state: RunState
  token: number
  nextAt: number
  waitingFor: RunId | undefined
  failures: number
  firstFailedAt: number | undefined
  ended: Settlement | undefined
}

/** What a worker is about to do: nothing of it has happened yet. */
interface Pending {
  readonly what: string
  readonly happen: (way: Way) => void
  readonly makes: boolean
}

interface Worker {
  readonly run: Run
  readonly token: number
  pending: Pending | undefined
  /** What it has been told so far: with it and the code, what it will do is determined. */
  readonly told: unknown[]
}

type Move = { readonly name: string; readonly act: () => void }

export interface Ended {
  readonly things: number
  readonly states: readonly RunState[]
  /** What each run ended with, how long it all took, and how often the destination was asked to make the thing. */
  readonly settlements: readonly (Settlement | undefined)[]
  readonly hours: number
  readonly asked: number
}

/** So many steps have no end: of a destination that fails for three days, some eight for each of a hundred tries. */
const mostSteps = 3000

/** Follows one way to its end; undefined when the rest was followed before. */
export async function live(rules: WorldRules, chooser: Chooser): Promise<Ended | undefined> {
  const world = createWorld(rules)
  for (let steps = 0; ; steps++) {
    const moves = world.moves()
    if (steps > mostSteps) throw new Error('a run goes on for ever')
    if (moves.length === 0) return world.ended()
    const chosen = moves.length === 1 ? 0 : chooser.choose(world.state, moves.length)
    if (chosen === undefined) return undefined
    moves[chosen]?.act()
    await world.quiet()
    if (world.destination.things.length > 1) return world.ended()
  }
}

function createWorld(rules: WorldRules) {
  const start = Date.UTC(2026, 0, 1)
  let now = start
  let accidents = rules.accidents
  let troubles = rules.troubles
  let pauses = rules.pauses
  let byHand = rules.byHand ?? 0
  let busy = 0
  const clock: Clock = { now: () => new Date(now), sleep: () => Promise.reject(new Error('nobody sleeps')) }
  const destination = createDestination(rules, () => now)
  const runs = Array.from({ length: rules.runs }, (_, index) => newRun(`run_${index + 1}`))
  const runOf = (id: RunId) => runs.find((run) => run.id === id)
  const beside: RunsBeside = {
    state: (id) => runOf(id)?.state,
    holds: ({ run, token }) => rules.fenced === false || String(runOf(run)?.token) === token,
  }
  const memory = createMemoryLedger(clock, beside)
  const ledger = rules.weaken?.(memory) ?? memory
  const workers = new Set<Worker>()

  /** Lets `act` happen only when the explorer says so, and as it says. */
  function gate<T>(
    worker: Worker,
    pending: Omit<Pending, 'happen'>,
    act: (way: Way) => Promise<T> | T,
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    busy -= 1
    const happen = async (way: Way) => {
      worker.pending = undefined
      busy += 1
      try {
        const answer = await act(way)
        worker.told.push([pending.what, answer, now])
        resolve(answer)
      } catch (error) {
        worker.told.push([pending.what, String(error), now])
        reject(error)
      }
    }
    worker.pending = { ...pending, happen: (way) => void happen(way) }
    return promise
  }
  const does = <T>(worker: Worker, what: string, act: () => Promise<T> | T) =>
    gate(worker, { what, makes: false }, act)
  const makes = <T>(worker: Worker, act: (way: Way) => T) => gate(worker, { what: 'make', makes: true }, act)

  function gatedLedger(worker: Worker): Ledger {
    return {
      hold: (...given) => does(worker, 'hold', () => ledger.hold(...given)),
      attempt: (...given) => does(worker, 'attempt', () => ledger.attempt(...given)),
      notMade: (...given) => does(worker, 'notMade', () => ledger.notMade(...given)),
      // Tells people only: not a step that anything depends on.
      unclear: (...given) => ledger.unclear(...given),
      exists: (...given) => does(worker, 'exists', () => ledger.exists(...given)),
      done: (...given) => does(worker, 'done', () => ledger.done(...given)),
      free: (...given) => does(worker, 'free', () => ledger.free(...given)),
    }
  }

  function effectOf(worker: Worker): Effect {
    let refuses = rules.refusesFirst === true
    return {
      title: 'Thing',
      kind: 'thing',
      key: 'ada@example.com',
      readLagSeconds: rules.declaredLagSeconds ?? rules.lagSeconds,
      firstFind: rules.knowsFirst === true ? { found: undefined } : undefined,
      find: () => does(worker, 'find', () => (rules.looks === false ? undefined : destination.find())),
      make: () => {
        const deadline = effectDeadline()?.getTime() ?? 0
        const call = () =>
          makes(worker, (way) => {
            if (!refuses || way.fate !== 'answered') return destination.make({ ...way, deadline })
            refuses = false
            return { refused: new RetryLater('model.refused', 'not this way') }
          })
        return rules.repeatsMake === true ? call().catch(call) : call()
      },
    }
  }

  function begin(run: Run): void {
    run.token += 1
    run.state = 'running'
    run.waitingFor = undefined
    const worker: Worker = { run, token: run.token, pending: undefined, told: [] }
    workers.add(worker)
    busy += 1
    const lease = { run: run.id, token: String(run.token) }
    const name = {
      connection: 'con_1' as ConnectionId,
      kind: 'thing',
      key: 'ada@example.com',
      title: 'Thing',
    }
    void ensureEffect({ ledger: gatedLedger(worker), clock, lease }, name, effectOf(worker))
      .then(
        (): Settlement => ({ state: 'done', result: {} }),
        (error: unknown) => {
          if (error instanceof LeaseLost) return undefined
          const history = { failures: run.failures, firstFailedAt: instant(run.firstFailedAt) }
          return settlementOf(error, history, { now: clock.now(), chance: 0 })
        },
      )
      .then(async (settlement) => {
        await does(worker, 'settle', () => {
          if (settlement !== undefined && run.token === worker.token) settle(run, settlement)
        })
        workers.delete(worker)
        busy -= 1
      })
  }

  function settle(run: Run, settlement: Settlement): void {
    run.token += 1
    run.state = settlement.state
    if (settlement.state === 'waiting') {
      const other = settlement.waitingFor === undefined ? undefined : runOf(settlement.waitingFor)
      const over = other !== undefined && !['queued', 'running', 'waiting'].includes(other.state)
      run.nextAt = over ? now : settlement.nextAt.getTime()
      run.waitingFor = settlement.waitingFor
      const cost = waitKinds[settlement.kind]
      if (cost === 'attempt') run.failures += 1
      if (cost === 'attempt' || (cost === 'time' && rules.countsWaits !== false)) run.firstFailedAt ??= now
      return
    }
    run.ended = settlement
    for (const other of runs) if (other.waitingFor === run.id) other.nextAt = now
  }

  function moves(): readonly Move[] {
    const list: Move[] = []
    for (const worker of workers) {
      const { pending, run } = worker
      if (pending === undefined) continue
      for (const way of pending.makes ? waysToMake(rules, troubles > 0) : plainly) {
        list.push({
          name: `${run.id} ${pending.what} ${way.fate}`,
          act: () => {
            if (way.fate !== 'answered' && rules.endless === undefined) troubles -= 1
            pending.happen(way)
          },
        })
      }
      if (accidents > 0) {
        list.push({ name: `${run.id} is killed`, act: () => kill(worker) })
        // Its heartbeat lapsed although it lives: another worker has the run, and this one goes on.
        if (run.token === worker.token && run.state === 'running') {
          list.push({
            name: `${run.id} is taken over alive`,
            act: () => {
              accidents -= 1
              begin(run)
            },
          })
        }
      }
    }
    for (const run of runs) {
      if (isDue(run)) list.push({ name: `${run.id} starts`, act: () => begin(run) })
    }
    const later = nextInstant()
    const pausing = workers.size > 0 || runs.some(isDue)
    if (later !== undefined && (!pausing || pauses > 0)) {
      list.push({
        name: 'time passes',
        act: () => {
          if (pausing) pauses -= 1
          now = later
        },
      })
    }
    if (byHand > 0) {
      list.push({
        name: 'a person makes it by hand',
        act: () => {
          byHand -= 1
          destination.add()
        },
      })
    }
    return list
  }

  function isDue(run: Run): boolean {
    return run.state === 'queued' || (run.state === 'waiting' && run.nextAt <= now)
  }

  function kill(worker: Worker): void {
    accidents -= 1
    workers.delete(worker)
    // Its promise never goes on. The run waits for whoever takes it over.
    if (worker.run.token === worker.token && worker.run.state === 'running') worker.run.state = 'queued'
  }

  function nextInstant(): number | undefined {
    const instants = [
      ...runs.filter(({ state }) => state === 'waiting').map(({ nextAt }) => nextAt),
      ...destination.events(),
      ...[...workers].flatMap(() => deadlines()),
    ].filter((at) => at > now)
    return instants.length === 0 ? undefined : Math.min(...instants)
  }

  /** A worker that is about to send can be paused until its time is over. */
  function deadlines(): readonly number[] {
    return [...memory.rows.values()].flatMap(({ attemptedAt }) =>
      attemptedAt === undefined ? [] : [secondsAfter(new Date(attemptedAt), 30).getTime()],
    )
  }

  return {
    destination,
    moves,
    ended: (): Ended => ({
      things: destination.things.length,
      states: runs.map(({ state }) => state),
      settlements: runs.map(({ ended }) => ended),
      hours: (now - start) / 3_600_000,
      asked: destination.asked(),
    }),
    /** Resolves when every worker waits for the explorer. */
    async quiet() {
      while (busy > 0) await Promise.resolve()
    },
    state: () =>
      JSON.stringify([
        now,
        accidents,
        troubles,
        pauses,
        byHand,
        runs,
        [...workers].map(({ run, token, pending, told }) => [run.id, token, pending?.what, told]),
        destination.state(),
        [...memory.rows.values()],
      ]),
  }
}

const plainly: readonly Way[] = [{ fate: 'answered', visibility: 'at once' }]

function newRun(id: string): Run {
  return {
    id: id as RunId,
    state: 'queued',
    token: 0,
    nextAt: 0,
    waitingFor: undefined,
    failures: 0,
    firstFailedAt: undefined,
    ended: undefined,
  }
}

function instant(milliseconds: number | undefined): Date | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds)
}
