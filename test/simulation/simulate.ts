/** One seed from its beginning to its end: the real intake, worker and integrations on twins, with drawn times and accidents. */
import { createSandboxApp } from '../../sandbox/app.ts'
import { openWorld } from '../../sandbox/world.ts'
import type { Clock } from '../../src/base/clock.ts'
import { integrations } from '../../src/integrations/registry.ts'
import type { Integration } from '../../src/sdk/integration.ts'
import { createMemoryStores, type MemoryStores } from '../support/memory/stores.ts'
import { createFleet } from './accidents.ts'
import { placeOthers } from './dangerous.ts'
import { createNetwork, type NetworkDeps, origin } from './network.ts'
import { broken, stuck, undecided } from './oracle.ts'
import { createPeople } from './people.ts'
import type { Ports } from './ports.ts'
import { createRandom } from './random.ts'
import { drawScenario, type HirePlan, inCalm, inEndless, inStorm, type Scenario } from './scenario.ts'
import { type Actor, createScheduler, type Scheduler } from './scheduler.ts'
import type { Outage } from './weather.ts'

export type Weaken = (ports: Ports, stores: MemoryStores) => Ports

export interface SimulationOptions {
  readonly trace?: (line: string) => void
  /** Takes a guard out, to see that the simulation notices. */
  readonly weaken?: Weaken
  /** Others in place of the shipped ones, to see that the simulation notices. */
  readonly integrations?: readonly Integration[]
  /** Everything goes wrong as often as it can: what is rare comes sooner. */
  readonly storm?: boolean
  /** Nothing goes wrong but what people do: what is about them comes sooner. */
  readonly calm?: boolean
  /** A destination that fails for ever: everybody must have given up on it within three days. */
  readonly endless?: Pick<Outage, 'system' | 'onlyMakes'>
  readonly hooks?: Hooks
  /** How long a call takes each way. Default: drawn. */
  readonly callMilliseconds?: number
  /** After so many, something goes on for ever. */
  readonly mostSteps?: number
  /** Milliseconds by which destinations act later, and hide longer, than is assumed of them. */
  readonly assumptions?: { readonly tooLate?: number; readonly hidden?: number }
}

/** For who looks on. */
export interface Hooks {
  readonly answered?: NetworkDeps['answered']
  /** A line of the service's log. */
  readonly logged?: (line: string) => void
}

export interface Simulated {
  readonly seed: number
  /** Promises that were broken; empty: all were kept. */
  readonly broken: readonly string[]
  readonly steps: number
  readonly simulatedSeconds: number
  readonly runs: number
}

export const start = new Date('2026-03-02T08:00:00Z')
const usualSteps = 60_000
const mostDays = 30
/** What is mended may let the next thing come to light. */
const mendings = 4

export async function simulate(seed: number, options: SimulationOptions = {}): Promise<Simulated> {
  const drawn = drawScenario(seed)
  const scenario = scenarioFor(drawn, options)
  const world = createWorld(seed, scenario, options)
  const { scheduler, stores, people, fleet, bugs } = world
  const faults: string[] = []
  try {
    await world.live()
    faults.push(...stuck({ stores }), ...undecided({ world: world.outside, stores, scenario }))
    if (options.endless !== undefined) faults.push(...waitedOn(scheduler.now(), scenario))
    await world.calm()
    for (let round = 0; round < mendings && world.parked(); round++) {
      await world.until(people.mendAll(scenario.hires))
    }
    await world.until(fleet.stop())
    faults.push(...broken({ world: world.outside, stores, scenario, acknowledged: people.acknowledged }))
    faults.push(...scheduler.left().map((name) => `${name} has left something behind`))
  } catch (error) {
    faults.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  const simulatedSeconds = (scheduler.now().getTime() - start.getTime()) / 1000
  if (simulatedSeconds > mostDays * 86_400) faults.push(`it took more than ${mostDays} days`)
  for (const fault of [...bugs, ...faults]) options.trace?.(`BROKEN: ${fault}`)
  return {
    seed,
    broken: [...new Set([...bugs, ...faults])],
    steps: scheduler.steps(),
    simulatedSeconds,
    runs: stores.database.runs.size,
  }
}

function scenarioFor(drawn: Scenario, { storm, calm, endless }: SimulationOptions): Scenario {
  if (endless !== undefined) return inEndless(drawn, endless)
  return storm === true ? inStorm(drawn) : calm === true ? inCalm(drawn) : drawn
}

/** Three days from the last hire, and the hour that is waited at most between two attempts. */
function waitedOn(restedAt: Date, { hires }: Scenario): readonly string[] {
  const last = Math.max(
    ...hires.map(({ at, againAt = 0, copies }) => Math.max(at, againAt, ...copies.map((copy) => at + copy))),
  )
  const hours = (restedAt.getTime() - start.getTime() - last) / 3_600_000
  return hours <= 74 ? [] : [`somebody still waited ${Math.round(hours)} hours after the last hire`]
}

export function createWorld(seed: number, scenario: Scenario, options: SimulationOptions) {
  const { weather } = scenario
  const stores = createMemoryStores({ now: () => scheduler.now(), sleep: nobodySleeps })
  // As by a watcher that is told at once.
  stores.database.told.tenants.add(() => void stores.resumeChanged())
  const scheduler = createScheduler({
    random: createRandom(seed, 'scheduler'),
    start,
    mostSteps: options.mostSteps ?? usualSteps,
    nextDue: () => stores.queue.nextDue(),
    beforeStep: () => fleet.mayHappen(),
    trace: options.trace,
  })
  const clock: Clock = { now: scheduler.now, sleep: nobodySleeps }
  const outside = openWorld(clock)
  const app = createSandboxApp(outside, () => origin)
  const bugs: string[] = []
  const failures: unknown[] = []
  const danger = createDanger(scheduler)
  const shared = { scheduler, weather, start, stores, world: outside, app, inDanger: danger.mark }
  const people = createPeople({
    ...shared,
    random: createRandom(seed, 'people'),
    intake: () => fleet.intake(),
  })
  const impatient = createRandom(seed, 'impatience')
  const { tooLate = 0, hidden = 0 } = options.assumptions ?? {}
  const { answered, logged = () => {} } = options.hooks ?? {}
  const { callMilliseconds } = options
  const network = createNetwork({
    ...{ ...shared, random: createRandom(seed, 'network'), tooLate, answered, callMilliseconds },
  })
  const fleet = createFleet({
    ...shared,
    random: createRandom(seed, 'processes'),
    network,
    counts: scenario,
    endangered: danger.now,
    onSettled(run, settlement) {
      const unclear = settlement.state === 'waiting' && settlement.code === 'runs.outcome_unclear'
      if (!unclear || !impatient.happens(scenario.impatience)) return
      const wait = impatient.between(0, 20_000)
      scheduler.later(
        chance,
        wait,
        () => void people.resume(run).catch((error: unknown) => failures.push(error)),
      )
    },
    weaken: (ports) => options.weaken?.(ports, stores) ?? ports,
    integrations: options.integrations ?? integrations,
    onBug: (text) => bugs.push(`a bug: ${text}`),
    logged,
  })
  const chance = scheduler.actor('plan')

  /** Until everybody has come to rest, and this with them. */
  async function until(work: Promise<void>): Promise<void> {
    let failure: { readonly error: unknown } | undefined
    void work.catch((error: unknown) => {
      failure = { error }
    })
    await scheduler.run()
    if (failure !== undefined) throw failure.error
    await work
  }

  return {
    scheduler,
    stores,
    outside,
    people,
    fleet,
    bugs,
    until,
    /** From here on nothing goes wrong that nobody has done. */
    async calm() {
      const calmAt = start.getTime() + Math.max(weather.calmAfter, weather.outage?.until ?? 0)
      scheduler.later(chance, calmAt - scheduler.now().getTime(), () => {})
      await scheduler.run()
    },
    parked: () => [...stores.database.runs.values()].some(({ state }) => state === 'parked'),
    /** `prepared`: once the tenants and the hires are there, and before anything is sent. */
    async live(prepared: () => void = () => {}) {
      const tenants = scenario.tenants.map((plan) => ({ ...plan, lag: longer(plan.lag, hidden) }))
      const note = (work: Promise<void>) => void work.catch((error: unknown) => failures.push(error))
      await until(people.prepare(tenants))
      fleet.start()
      for (const hire of scenario.hires) {
        apply(outside, hire)
        placeOthers(outside, hire)
      }
      prepared()
      for (const hire of scenario.hires) {
        const send = (at: number, triggeredAt: number) =>
          scheduler.later(chance, at, () => note(people.send(hire, triggeredAt)))
        const seconds = (at: number) => Math.floor((start.getTime() + at) / 1000)
        send(hire.at, seconds(hire.at))
        for (const copy of hire.copies) send(hire.at + copy, seconds(hire.at))
        if (hire.againAt !== undefined) send(hire.againAt, seconds(hire.againAt) + 1)
      }
      for (const act of scenario.acts) scheduler.later(chance, act.at, () => note(people.act(act)))
      await scheduler.run()
      if (failures.length > 0) throw failures[0]
    },
  }
}

/** Remembered for the next step only. */
function createDanger(scheduler: Scheduler) {
  let marked: { readonly actor: Actor; readonly at: number } | undefined
  return {
    mark: (actor: Actor) => {
      marked = { actor, at: scheduler.steps() }
    },
    now: () => (marked !== undefined && scheduler.steps() - marked.at <= 2 ? marked.actor : undefined),
  }
}

function longer(lag: Scenario['tenants'][number]['lag'], hidden: number) {
  return {
    employees: lag.employees + hidden,
    documents: lag.documents + hidden,
    comments: lag.comments + hidden,
  }
}

/** The application as Pinpoint has it. */
function apply(
  outside: ReturnType<typeof openWorld>,
  { tenant, application, email, firstName, cv, gap }: HirePlan,
): void {
  outside.pinpoint.addApplication({
    tenant,
    id: application,
    email,
    firstName,
    ...(cv ? {} : { cv: null }),
    ...(gap === 'start date' ? { startOn: null } : {}),
    concealed: gap === 'concealed',
  })
}

const nobodySleeps = () => Promise.reject(new Error('the stores and the sandbox do not sleep'))
