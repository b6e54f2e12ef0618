/** What happens to processes: killed and replaced, stopped and replaced, paused and gone on with late. */
import { openPorts } from './ports.ts'
import {
  type IntakeProcess,
  type ProcessDeps,
  startIntakeProcess,
  startWorkerProcess,
  type WorkerProcess,
} from './processes.ts'
import type { Random } from './random.ts'
import type { Actor, Scheduler } from './scheduler.ts'
import type { Weather } from './weather.ts'

export interface Fleet {
  start(): void
  /** An intake process that is there. */
  intake(): IntakeProcess | undefined
  /** Called before each step. */
  mayHappen(): void
  /** Orderly, and all that is left of them with it. */
  stop(): Promise<void>
}

export interface FleetDeps extends ProcessDeps {
  readonly random: Random
  readonly scheduler: Scheduler
  readonly weather: Weather
  /** Whom an accident would hurt most right now. */
  readonly endangered: () => Actor | undefined
  readonly counts: { readonly intakes: number; readonly workers: number; readonly concurrency: number }
}

const pauses = [500, 3_000, 15_000, 45_000, 120_000, 600_000]

export function createFleet(deps: FleetDeps): Fleet {
  const { scheduler, random, weather, counts } = deps
  const chance = scheduler.actor('chance')
  const workers = new Set<WorkerProcess>()
  const intakes = new Set<IntakeProcess>()
  const gone = new Set<string>()
  let started = 0
  let happened = 0

  const skew = () => random.between(-3000, 3000)
  const going = <P extends { readonly actor: Actor }>(processes: Iterable<P>) =>
    [...processes].filter(({ actor }) => actor.state === 'going')

  function startWorker(): void {
    const name = `worker-${++started}`
    workers.add(startWorkerProcess(deps, { name, skew: skew(), concurrency: counts.concurrency }))
  }

  function startIntake(): void {
    intakes.add(startIntakeProcess(deps, { name: `intake-${++started}`, skew: skew() }))
  }

  /** Its machine starts it again, and it may see at once whose work was left lying. */
  function replaceWorker(afterwards: number): void {
    scheduler.later(chance, afterwards, async () => {
      if (random.happens(0.6)) {
        const starting = openPorts({ ...deps, weather: { ...weather, database: 0 } }, chance)
        void starting.takeOver((name) => gone.has(name)).then(startWorker)
      } else startWorker()
    })
  }

  function killWorker(process: WorkerProcess): void {
    scheduler.say(process.actor, 'IS KILLED')
    scheduler.remove(process.actor)
    workers.delete(process)
    gone.add(process.actor.name)
    replaceWorker(random.pick([0, 5_000, 30_000, 120_000]))
  }

  function pause({ actor }: { readonly actor: Actor }): void {
    const milliseconds = random.pick(pauses)
    scheduler.say(actor, `IS PAUSED for ${milliseconds / 1000} s`)
    scheduler.pause(actor)
    scheduler.later(chance, milliseconds, () => {
      if (actor.state === 'gone') return
      scheduler.goOn(actor)
      scheduler.say(actor, 'GOES ON')
    })
  }

  function restart(process: WorkerProcess): void {
    const grace = random.pick([0, 1, 10])
    scheduler.say(process.actor, `IS STOPPED with ${grace} s of grace`)
    workers.delete(process)
    void process.worker.stop(grace).then(() => {
      scheduler.remove(process.actor)
      gone.add(process.actor.name)
      replaceWorker(0)
    })
  }

  function killIntake(process: IntakeProcess): void {
    scheduler.say(process.actor, 'IS KILLED')
    scheduler.remove(process.actor)
    intakes.delete(process)
    scheduler.later(chance, random.between(0, 30_000), startIntake)
  }

  return {
    start() {
      for (let made = 0; made < counts.workers; made++) startWorker()
      for (let made = 0; made < counts.intakes; made++) startIntake()
    },
    intake() {
      const there = going(intakes)
      return there.length === 0 ? undefined : random.pick(there)
    },
    mayHappen() {
      const elapsed = scheduler.now().getTime() - deps.start.getTime()
      const { most, often } = weather.accidents
      const victim = going(workers).find(({ actor }) => actor === deps.endangered())
      const now = victim === undefined ? often : Math.min(0.3, often * 10)
      if (happened >= most || elapsed >= weather.calmAfter || !random.happens(now)) return
      happened += 1
      const others = going(workers)
      const worker = victim ?? (others.length === 0 ? undefined : random.pick(others))
      const intake = going(intakes)[0] === undefined ? undefined : random.pick(going(intakes))
      const kind = random.between(1, 10)
      if (kind === 1 && intake) killIntake(intake)
      else if (kind <= 5 && worker) pause(worker)
      else if (kind <= 9 && worker) killWorker(worker)
      else if (worker) restart(worker)
    },
    async stop() {
      for (const { worker, actor } of [...workers]) {
        await worker.stop(30)
        scheduler.remove(actor)
      }
      for (const { actor } of intakes) scheduler.remove(actor)
    },
  }
}
