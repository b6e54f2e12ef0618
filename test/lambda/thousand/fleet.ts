/**
 * The instances of one function as Lambda keeps them: started when wanted, one event at a time in each, frozen in between,
 * never more than are reserved, and gone for good when an invocation is killed.
 */
import { type Instance, InstanceDied } from '../lambda-instance.ts'
import type { Kills, Moment } from './plan.ts'

export type Outcome =
  | { readonly how: 'answered'; readonly answer: unknown }
  | { readonly how: 'killed' }
  | { readonly how: 'failed'; readonly error: Error }

export interface FleetCounts {
  readonly invocations: number
  readonly killed: number
  /** Although nobody killed them. */
  readonly failed: number
  readonly coldStarts: number
  /** What Lambda bills: the time of all invocations and starts together. */
  readonly milliseconds: number
  /** What those that answered have computed, without the starts: a smaller share of a processor takes longer for it. */
  readonly cpuMilliseconds: number
}

export interface Fleet {
  hasRoom(): boolean
  invoke(event: unknown): Promise<Outcome>
  counts(): FleetCounts
  /** Everything that the instances wrote. */
  output(): string
  close(): Promise<void>
}

export interface FleetOptions {
  readonly start: () => Promise<Instance>
  readonly reserved: number
  readonly kills: Kills
  /** What the function is told of its time. */
  readonly limitMilliseconds: number
  /** Until it is known how long an invocation takes. */
  readonly usualMilliseconds: number
  /** How long a run takes at least. */
  readonly runMilliseconds: number
}

export function createFleet({ start, reserved, kills, ...options }: FleetOptions): Fleet {
  const idle: Instance[] = []
  const ended: string[] = []
  const busy = new Set<Instance>()
  const recent: number[] = []
  const counts = { invocations: 0, killed: 0, failed: 0, coldStarts: 0, milliseconds: 0, cpuMilliseconds: 0 }
  let taken = 0

  async function instance(): Promise<Instance> {
    const warm = idle.pop()
    if (warm !== undefined) return warm
    counts.coldStarts++
    const started = await start()
    counts.milliseconds += started.initMilliseconds
    return started
  }

  /** Kills it when the moment has come; `cancel` when it has answered before. */
  function killAt(used: Instance, moment: Moment | undefined) {
    let killed: Promise<void> | undefined
    let timer: NodeJS.Timeout | undefined
    const strike = () => {
      killed = used.kill()
    }
    const strikeAfter = (milliseconds: number) => (timer = setTimeout(strike, milliseconds))
    const said = used.output().length
    const watch = () => {
      if (used.output().includes('"msg":"run started"', said)) strikeAfter(part * options.runMilliseconds)
      else timer = setTimeout(watch, 5)
    }
    const { from, part } = moment ?? { from: 'never', part: 0 }
    if (from === 'start') strikeAfter(part * usual(recent, options))
    if (from === 'first run') watch()
    return { cancel: () => clearTimeout(timer), killed: () => killed }
  }

  async function invokeOn(used: Instance, event: unknown): Promise<Outcome> {
    const moment = kills.next()
    const kill = killAt(used, moment)
    const began = performance.now()
    const computed = used.cpuMilliseconds()
    let outcome: Outcome
    try {
      const answer = await used.invoke(event, { milliseconds: options.limitMilliseconds })
      recent.push(performance.now() - began)
      counts.cpuMilliseconds += used.cpuMilliseconds() - computed
      outcome = { how: 'answered', answer }
    } catch (error) {
      if (!(error instanceof Error)) throw error
      outcome =
        kill.killed() !== undefined && error instanceof InstanceDied
          ? { how: 'killed' }
          : { how: 'failed', error }
    }
    kill.cancel()
    counts.milliseconds += performance.now() - began
    if (outcome.how !== 'answered') counts[outcome.how]++
    if (moment !== undefined && outcome.how !== 'killed') kills.missed(moment)
    if (outcome.how === 'answered' && kill.killed() === undefined) {
      used.freeze()
      idle.push(used)
    } else {
      await (kill.killed() ?? used.kill())
      ended.push(used.output())
    }
    return outcome
  }

  return {
    hasRoom: () => taken < reserved,
    async invoke(event) {
      if (taken >= reserved) throw new Error('more invocations at once than are reserved')
      taken++
      counts.invocations++
      try {
        const used = await instance()
        busy.add(used)
        return await invokeOn(used, event).finally(() => busy.delete(used))
      } finally {
        taken--
      }
    },
    counts: () => ({ ...counts, milliseconds: Math.round(counts.milliseconds) }),
    output: () => [...ended, ...[...idle, ...busy].map((one) => one.output())].join('\n'),
    async close() {
      await Promise.all([...idle, ...busy].map((one) => one.kill()))
    },
  }
}

/** The median of the last ones, so that a kill falls into the middle of the work on slow machines and on fast ones. */
function usual(
  recent: readonly number[],
  { usualMilliseconds }: Pick<FleetOptions, 'usualMilliseconds'>,
): number {
  const last = recent.slice(-25).sort((a, b) => a - b)
  return last[Math.floor(last.length / 2)] ?? usualMilliseconds
}
