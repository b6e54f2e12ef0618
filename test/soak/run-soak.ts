/** Plays a plan: sends every hire until it is acknowledged, lets every accident fall, waits until all is done, and counts. */
import { setTimeout as pause } from 'node:timers/promises'

import { hireEvent, signPinpoint } from '../../sandbox/index.ts'
import { wrongPersonTold } from '../../sandbox/wrong-person.ts'
import { isFinished } from '../../src/runs/run.ts'
import { resumeCrashed } from '../support/resume-crashed.ts'
import { until } from '../support/until.ts'
import { withoutCv } from '../support/without-cv.ts'
import {
  type Accident,
  type Danger,
  type Plan,
  type PlannedHire,
  planSoak,
  type SoakOptions,
} from './plan.ts'
import { openStage, signingSecret, type Stage } from './stage.ts'

export interface SoakReport {
  readonly seed: number
  readonly sent: number
  readonly kills: number
  readonly databaseRestarts: number
  readonly faults: number
  /** Acknowledged, and no event of it is stored. */
  readonly lost: number
  /** Things that exist twice in the outside world. */
  readonly doubled: number
  /** Employees, CVs and comments that are, or hang on, somebody else's record. */
  readonly wrongPerson: number
  /** Only a person could say whose record theirs is, and their run is not parked for that. */
  readonly undecided: number
  /** Employees, CVs or comments that should be there and are not. */
  readonly missing: number
  /** Runs in another state than done, by state and code; without those that only a person can decide. */
  readonly notDone: Readonly<Record<string, number>>
  /** E-mails and secrets in anything that the services wrote. */
  readonly leaks: number
  readonly seconds: number
}

export function isClean({ notDone, ...counts }: SoakReport): boolean {
  const { lost, doubled, wrongPerson, undecided, missing, leaks } = counts
  return lost + doubled + wrongPerson + undecided + missing + leaks === 0 && Object.keys(notDone).length === 0
}

export async function runSoak(options: SoakOptions, tell: (line: string) => void): Promise<SoakReport> {
  const plan = planSoak(options)
  const began = performance.now()
  const stage = await openStage(plan.tenants, options.services)
  try {
    armFaults(stage)
    const played = await play(plan, stage, tell)
    const fired = stage.sandbox.faults.list().reduce((sum, fault) => sum + fault.fired, 0)
    // What is left over may take its time, but nothing new goes wrong.
    stage.sandbox.faults.clear()
    await drain(plan, stage, tell)
    return {
      seed: options.seed,
      sent: plan.hires.length,
      kills: played.kills,
      databaseRestarts: played.restarts,
      faults: fired,
      ...(await count(plan, stage, played.applications)),
      seconds: Math.round((performance.now() - began) / 1000),
    }
  } finally {
    await stage.close()
  }
}

/** 10 % 5xx, 5 % 429, 3 % cut after the effect, and slow answers, in HiBob and Pinpoint alike. */
function armFaults({ sandbox }: Stage): void {
  for (const system of ['hibob', 'pinpoint'] as const) {
    sandbox.faults.add({ system, every: 10, effect: { status: 503 } })
    sandbox.faults.add({ system, every: 21, effect: { rateLimit: { limit: 50, resetInSeconds: 1 } } })
    sandbox.faults.add({ system, every: 31, effect: { cut: 'after' } })
    sandbox.faults.add({ system, every: 13, effect: { delayMs: 1500 } })
  }
}

interface Played {
  readonly kills: number
  readonly restarts: number
  /** The application of each hire, by its place in the plan. */
  readonly applications: readonly string[]
}

async function play(plan: Plan, stage: Stage, tell: (line: string) => void): Promise<Played> {
  const start = performance.now()
  const at = (milliseconds: number) => pause(Math.max(0, start + milliseconds - performance.now()))
  let kills = 0
  let restarts = 0
  let acknowledged = 0
  const applications: string[] = []

  const send = async (hire: PlannedHire, index: number) => {
    await at(hire.at)
    const { id, job } = arrange(stage, hire, applications[plan.hires.indexOf(hire.moved ?? hire)])
    applications[index] = id
    const body = hireEvent(id, job.id)
    await Promise.all(Array.from({ length: hire.copies }, () => deliver(stage, hire, body)))
    acknowledged += 1
  }
  const befall = async (accident: Accident) => {
    await at(accident.at)
    if (accident.what === 'kill') {
      if (await stage.kill(accident.service)) kills += 1
      return
    }
    restarts += 1
    if (accident.what === 'database killed') await stage.postgres.kill()
    else await stage.postgres.stop()
    await stage.postgres.start()
  }
  const kill = plan.accidents.filter(({ what }) => what === 'kill')
  const database = plan.accidents.filter(({ what }) => what !== 'kill')
  const progress = setInterval(
    () => tell(`${acknowledged} of ${plan.hires.length} acknowledged, ${kills} kills, ${restarts} restarts`),
    10_000,
  )
  try {
    await Promise.all([...plan.hires.map(send), oneByOne(kill, befall), oneByOne(database, befall)])
  } finally {
    clearInterval(progress)
  }
  return { kills, restarts, applications }
}

/** Who is in HiBob before, and the application. `before`: the one that `moved` is about, if it was sent. */
function arrange({ sandbox }: Stage, hire: PlannedHire, before: string | undefined) {
  const { pinpoint, hibob } = sandbox
  const { tenant, email, firstName, danger, moved } = hire
  if (danger === 'address of another') hibob.addEmployee({ company: tenant, email, firstName: 'Omar' })
  if (danger === 'has left') hibob.addEmployee({ company: tenant, email, firstName, status: 'Inactive' })
  // Once the earlier hire is done, as a company does it: its comment is the last thing of it.
  if (moved !== undefined && before !== undefined && pinpoint.comments(before, tenant).length > 0)
    for (const { id } of hibob.withEmail(tenant, email)) hibob.setEmail(id, `work.${email}`)
  return pinpoint.addApplication({ tenant, email, firstName, internalCandidate: danger === 'internal' })
}

async function oneByOne<T>(list: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  for (const item of list) await act(item)
}

/** As Pinpoint does: again until it is acknowledged. */
async function deliver(stage: Stage, hire: PlannedHire, body: string): Promise<void> {
  const headers = {
    'content-type': 'application/json',
    'PINPOINT-HMAC-SHA256': signPinpoint(signingSecret, body),
  }
  await until(
    'a delivery to be acknowledged',
    async () => {
      const url = stage.addressOf(hire.service)
      if (url === undefined) return false
      try {
        const response = await fetch(`${url}/webhooks/pinpoint/${hire.tenant}`, {
          method: 'POST',
          body,
          headers,
          signal: AbortSignal.timeout(5_000),
        })
        await response.arrayBuffer()
        return response.status === 200
      } catch {
        // Killed just now, or too slow: Pinpoint sends again.
        return false
      }
    },
    300,
  )
}

async function drain({ hires }: Plan, { store }: Stage, tell: (line: string) => void): Promise<void> {
  let told = performance.now()
  await until(
    'all runs to end',
    async () => {
      await resumeCrashed(store)
      const runs = await store.runs.listRuns({ limit: 100_000 })
      const open = runs.filter(({ state }) => !isFinished(state) && state !== 'parked').length
      if (performance.now() - told > 10_000) {
        told = performance.now()
        tell(`${open} runs left`)
      }
      await pause(200)
      return runs.length >= hires.length && open === 0
    },
    900,
  )
}

const parksFor: Readonly<Record<Danger, string>> = {
  'address of another': 'hibob.other_employee',
  'has left': 'hibob.former_employee',
  internal: 'hibob.internal_candidate',
}

async function count({ hires }: Plan, stage: Stage, applications: readonly string[]) {
  const { sandbox, store } = stage
  const events = await store.runs.listEvents({ limit: 100_000 })
  const stored = new Set(events.map(({ tenant, subject }) => `${tenant} ${subject ?? ''}`))
  const { twins, counts, wrongPerson } = sandbox.ledger()
  const sure = hires.filter(({ danger }) => danger === undefined)
  const people = new Set(sure.map(({ tenant, email }) => `${tenant} ${email}`)).size
  const forPeople = new Set(
    hires.flatMap(({ tenant, danger }, index) =>
      danger === undefined ? [] : [`${tenant} ${applications[index] ?? ''} parked ${parksFor[danger]}`],
    ),
  )
  const runs = await store.runs.listRuns({ limit: 100_000 })
  const states = runs.flatMap(({ tenant, subject, state, code }) => {
    const ended = `${state} ${code ?? ''}`.trim()
    return state === 'done' || forPeople.delete(`${tenant} ${subject} ${ended}`) ? [] : [ended]
  })
  const output = stage.output()
  const wanted = { employees: people, documents: people - withoutCv(runs), comments: sure.length }
  return {
    lost: hires.filter(({ tenant }, index) => !stored.has(`${tenant} ${applications[index] ?? ''}`)).length,
    doubled: Object.values(twins).reduce((sum, groups) => sum + groups.length, 0),
    wrongPerson: wrongPersonTold(wrongPerson).length,
    undecided: forPeople.size,
    missing: (Object.keys(wanted) as (keyof typeof wanted)[]).reduce(
      (sum, kind) => sum + Math.abs(wanted[kind] - counts[kind]),
      0,
    ),
    notDone: Object.fromEntries(
      [...Map.groupBy(states, (state) => state)].map(([state, all]) => [state, all.length]),
    ),
    leaks:
      counts.leaks +
      (output.match(/@example\.com|key-of-tenant|soak-signing-secret|hibob-sandbox-token/g) ?? []).length,
  }
}
