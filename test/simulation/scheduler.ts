/**
 * Who goes on, and when time passes. Everything that reaches out of a process (a store, the network, a timer) waits here; one of
 * those that wait is drawn, happens whole, and all that follows from it inside its process has come to rest before the next is
 * drawn. Each takes a millisecond; when nobody can go on, time jumps to the next timer.
 */
import type { Clock } from '../../src/base/clock.ts'
import type { Random } from './random.ts'

/** Somebody who acts: a process of the service, a destination, Pinpoint, an operator. */
export interface Actor {
  readonly name: string
  /** By so many milliseconds its clock is wrong. */
  readonly skew: number
  /** `paused`: everything of it waits. `gone`: nothing of it ever goes on. */
  readonly state: 'going' | 'paused' | 'gone'
}

export interface Scheduler {
  readonly now: () => Date
  readonly steps: () => number
  actor(name: string, skew?: number): Actor
  /** `mayBeLate`: while it says so, this clock's timers ring late; it must say no before anything comes to harm by that. */
  clockOf(actor: Actor, mayBeLate?: () => boolean): Clock
  /** Happens when it is drawn. */
  does<T>(actor: Actor, what: string, act: () => Promise<T> | T): Promise<T>
  /** Happens when its time has come and it is drawn. */
  later(actor: Actor, milliseconds: number, act: () => Promise<void> | void): void
  pause(actor: Actor): void
  goOn(actor: Actor): void
  /** Its waiting steps and timers are dropped. */
  remove(actor: Actor): void
  say(actor: Actor, text: string): void
  /** Until nobody has anything to do any more. */
  run(): Promise<void>
  /** What is still waiting: names of actors. */
  left(): readonly string[]
}

export interface SchedulerOptions {
  readonly random: Random
  readonly start: Date
  readonly mostSteps: number
  /** When something will be due that is no timer, such as a job of the queue. */
  readonly nextDue: () => Date | undefined
  /** Called before each step: the place for accidents. */
  readonly beforeStep: () => void
  readonly trace?: ((line: string) => void) | undefined
}

interface Waiting {
  readonly actor: Actor
  readonly happen: () => Promise<void>
}

interface Timer {
  readonly actor: Actor
  readonly at: number
  readonly ring: () => void
  readonly mayBeLate?: (() => boolean) | undefined
}

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { random, mostSteps, trace } = options
  let now = options.start.getTime()
  let steps = 0
  let ready: Waiting[] = []
  const timers = new Set<Timer>()
  const states = new Map<Actor, Actor['state']>()

  const goes = ({ actor }: { readonly actor: Actor }) => actor.state === 'going'
  const wait = (actor: Actor, happen: () => Promise<void>) => {
    if (actor.state !== 'gone') ready.push({ actor, happen })
  }
  const setTimer = (timer: Timer) => {
    if (timer.actor.state !== 'gone') timers.add(timer)
  }

  const punctual = (timer: Timer) => goes(timer) && timer.mayBeLate?.() !== true

  /** False: there is nothing left that time could bring. */
  function passTime(): boolean {
    const due = options.nextDue()?.getTime()
    const instants = [...timers].filter(punctual).map(({ at }) => at)
    const next = Math.min(...instants, due === undefined || due <= now ? Infinity : due)
    if (next === Infinity) return false
    now = Math.max(now, next)
    ringDue()
    return true
  }

  function ringDue(): void {
    for (const timer of [...timers].filter((one) => one.at <= now && punctual(one))) {
      timers.delete(timer)
      timer.ring()
    }
  }

  async function step(): Promise<void> {
    steps += 1
    if (steps > mostSteps) throw new Error(`more than ${mostSteps} steps: something goes on for ever`)
    options.beforeStep()
    const able = ready.filter(goes)
    if (able.length === 0) return
    const chosen = random.pick(able)
    ready = ready.filter((one) => one !== chosen)
    await chosen.happen()
    now += 1
    ringDue()
  }

  return {
    now: () => new Date(now),
    steps: () => steps,
    actor(name, skew = 0) {
      const actor: Actor = {
        name,
        skew,
        get state(): Actor['state'] {
          return states.get(actor) ?? 'going'
        },
      }
      return actor
    },
    clockOf: (actor, mayBeLate) => ({
      now: () => new Date(now + actor.skew),
      sleep: (milliseconds, signal) =>
        new Promise((resolve) => {
          const ring = () => {
            timers.delete(timer)
            signal?.removeEventListener('abort', ring)
            resolve()
          }
          const timer = { actor, at: now + Math.max(0, Math.ceil(milliseconds)), ring, mayBeLate }
          setTimer(timer)
          if (signal?.aborted) ring()
          else signal?.addEventListener('abort', ring, { once: true })
        }),
    }),
    does: (actor, what, act) =>
      new Promise((resolve, reject) => {
        wait(actor, async () => {
          try {
            const answer = await act()
            if (trace) trace(lineOf(now, actor, `${what}${shown(answer)}`))
            resolve(answer)
          } catch (error) {
            if (trace) trace(lineOf(now, actor, `${what} ✗ ${nameOf(error)}`))
            reject(error instanceof Error ? error : new Error(String(error)))
          }
        })
      }),
    later(actor, milliseconds, act) {
      const ring = () => wait(actor, async () => act())
      setTimer({ actor, at: now + Math.max(0, Math.ceil(milliseconds)), ring })
    },
    pause: (actor) => states.set(actor, 'paused'),
    goOn: (actor) => states.set(actor, 'going'),
    remove(actor) {
      states.set(actor, 'gone')
      ready = ready.filter((one) => one.actor !== actor)
      for (const timer of timers) if (timer.actor === actor) timers.delete(timer)
    },
    say(actor, text) {
      trace?.(lineOf(now, actor, text))
    },
    async run() {
      for (;;) {
        await rest()
        if (ready.some(goes)) await step()
        else if (!passTime()) return
      }
    },
    left: () => [...ready, ...timers].map(({ actor }) => actor.name),
  }
}

/** Promises only: a turn of the event loop comes after all that are ready and all that these make ready. */
function rest(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function lineOf(now: number, { name }: Actor, text: string): string {
  return `${new Date(now).toISOString().slice(5, 23).replace('T', ' ')}  ${name.padEnd(12)} ${text}`
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

function shown(answer: unknown): string {
  if (answer === undefined) return ''
  const text = JSON.stringify(answer)
  return ` → ${text.length > 160 ? `${text.slice(0, 160)}…` : text}`
}
