/** Throws so many things at a running service, and says which of the door's promises did not hold. */
import { setTimeout as pause } from 'node:timers/promises'

import { Agent } from 'undici'

import { median, type Percentiles, percentiles } from '../../bench/support/percentiles.ts'
import { throwOf } from './kinds.ts'
import { type Answers, throwByClient, throwRaw } from './raw-client.ts'
import { openSlowLane } from './slow-lane.ts'
import type { Stage } from './stage.ts'
import { marker, signatureOf, type Slug, type Throw } from './throw.ts'

export interface StormOptions {
  /** Taken in turns. */
  readonly seeds: readonly number[]
  readonly deliveries: number
  /** How many at the same time. */
  readonly width?: number
  readonly slowConnections?: number
  readonly tell?: (line: string) => void
}

export interface StormReport {
  readonly seeds: readonly number[]
  readonly deliveries: number
  readonly seconds: number
  readonly admitted: number
  readonly quarantined: number
  readonly honestMs: Percentiles
  readonly slowestCutSeconds: number
  readonly residentMiB: { readonly first: number; readonly last: number }
  /** Kind → status (or none) → how often. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly broken: readonly string[]
}

/** As long as the service lets a head or a body take, and a little for a loaded machine. */
const slowestSeconds = 15
/** Pinpoint gives up after five seconds. The storm itself takes all that the machine has. */
const honestP99Milliseconds = 2_000
const honestMaxMilliseconds = 4_000
/** A process takes its memory in the beginning: what comes first is not compared. */
const warmUpShare = 0.2
/** Fewer than these are over before that. */
const enoughForMemory = 20_000
const residentMaxMiB = 400

export async function storm(stage: Stage, options: StormOptions): Promise<StormReport> {
  const { seeds, deliveries, width = 16, slowConnections = 100, tell = () => {} } = options
  const broken: string[] = []
  const began = performance.now()
  const watch = openWatch(stage)
  const slow = openSlowLane(stage.port, slowConnections)
  const agent = new Agent({ connections: 16 })
  const thrown = createTally(stage)
  let next = 0
  const thrower = async () => {
    while (next < deliveries && broken.length < 20) {
      const index = next++
      if (index % 10_000 === 0) tell(`${index} of ${deliveries}`)
      const seed = seeds[index % seeds.length] ?? 0
      const one = throwOf(seed, Math.floor(index / seeds.length))
      const answers = await answersTo(stage.port, agent, one)
      thrown.add(one, answers)
      const fault = faultOf(one, answers)
      if (fault !== undefined)
        broken.push(`--seed ${seed} --only ${Math.floor(index / seeds.length)} (${one.kind}): ${fault}`)
    }
  }
  await Promise.all(Array.from({ length: width }, thrower))
  const seconds = (performance.now() - began) / 1000
  await Promise.race([
    slow.firstCut,
    pause(slowestSeconds * 1000 - seconds * 1000 + 500, undefined, { ref: false }),
  ])
  const { honestMs, resident, honestFaults } = await watch.end()
  const slowestCutSeconds = Math.max(...slow.end()) / 1000
  await agent.close()
  const stored = await stage.storedEvents()
  const quarantined = await stage.quarantined()
  broken.push(...faultsOfQuarantine(quarantined, (performance.now() - began) / 1000))
  broken.push(...honestFaults, ...thrown.faultsOf(stored, honestMs.length))
  broken.push(
    ...faultsOfService(stage),
    ...faultsOfMeasures({ deliveries, honestMs, slowestCutSeconds, resident }),
  )
  return {
    seeds,
    deliveries: next,
    seconds,
    admitted: thrown.admitted(),
    quarantined: quarantined.kept,
    honestMs: percentiles(honestMs),
    slowestCutSeconds,
    residentMiB: thirds(resident),
    answers: thrown.answers(),
    broken,
  }
}

function answersTo(port: number, agent: Agent, one: Throw): Promise<Answers> {
  return one.client === true ? throwByClient(agent, port, one) : throwRaw(port, one)
}

function faultOf({ expected }: Throw, { statuses, admitted }: Answers): string | undefined {
  const failed = statuses.find((status) => status >= 500 && status !== 505)
  if (failed !== undefined) return `answered ${failed}`
  if (expected === 'refused' && admitted > 0) return 'admitted'
  if (expected === 'admitted' && admitted !== 1) return `not admitted: ${statuses.join(', ') || 'no answer'}`
  return undefined
}

/** Counts the answers, and what may be in the database because of them. */
function createTally({ identityOf: storedIdentity }: Pick<Stage, 'identityOf'>) {
  const counts = new Map<string, Map<string, number>>()
  const allowed = new Set<string>()
  let seen = 0
  /** Signed, and the answer was not seen: it may be stored all the same. */
  let unanswered = 0
  const identityOf = (slug: Slug, body: Buffer) => `${slug} ${storedIdentity(body)}`
  return {
    admitted: () => seen,
    answers: () => Object.fromEntries([...counts].map(([kind, of]) => [kind, Object.fromEntries(of)])),
    add({ kind, expected, body, requests = 1 }: Throw, { statuses, admitted }: Answers) {
      const of = counts.get(kind) ?? new Map<string, number>()
      counts.set(kind, of)
      const told = statuses.join(' ') || 'none'
      of.set(told, (of.get(told) ?? 0) + 1)
      seen += admitted
      if (expected !== 'refused') unanswered += requests - admitted
      if (body !== undefined && expected === 'admitted') allowed.add(identityOf('acme', body))
    },
    /** `honest`: how many deliveries came beside the storm. */
    faultsOf(stored: Awaited<ReturnType<Stage['storedEvents']>>, honest: number): readonly string[] {
      for (let id = 0; id < 500; id++) {
        const data = { application: { id }, job: { id: 1, title: marker } }
        const body = Buffer.from(
          JSON.stringify({ event: 'application_hired', triggeredAt: 1_614_687_278, data }),
        )
        allowed.add(identityOf('acme', body)).add(identityOf('globex', body))
      }
      for (let id = 0; id <= honest; id++) allowed.add(identityOf('acme', honestBody(id)))
      const strangers = stored.filter(({ slug, identity }) => !allowed.has(`${slug} ${identity}`))
      const total = stored.reduce((sum, { deliveries }) => sum + deliveries, 0)
      const known = seen + honest
      return [
        ...strangers.map(({ slug, identity }) => `an event of ${slug} that nobody signed: ${identity}`),
        ...(total < known || total > known + unanswered
          ? [`${known} deliveries were acknowledged, ${total} are stored`]
          : []),
      ]
    },
  }
}

function honestBody(id: number): Buffer {
  return Buffer.from(
    JSON.stringify({ event: 'application_hired', triggeredAt: 1, data: { application: { id } } }),
  )
}

/** Honest deliveries beside the storm, one at a time, and the memory of the service. */
function openWatch(stage: Stage) {
  const honestMs: number[] = []
  const resident: number[] = []
  const honestFaults: string[] = []
  const stopping = new AbortController()
  const ended = (async () => {
    for (let id = 0; !stopping.signal.aborted; id++) {
      const at = performance.now()
      const body = honestBody(id)
      const headers = Object.fromEntries([signatureOf(body)])
      const url = `${stage.service.url}/webhooks/pinpoint/acme`
      const answer = await fetch(url, { method: 'POST', body, headers }).catch(() => undefined)
      await answer?.arrayBuffer()
      if (answer?.status !== 200)
        honestFaults.push(`an honest delivery was answered ${answer?.status ?? 'nothing'}`)
      honestMs.push(performance.now() - at)
      if (id % 5 === 0) resident.push(await stage.residentMiB())
      await pause(50)
    }
  })()
  return {
    async end() {
      stopping.abort()
      await ended
      return { honestMs, resident, honestFaults }
    },
  }
}

function thirds(all: readonly number[]) {
  const sample = all.slice(Math.floor(all.length * warmUpShare))
  const third = Math.max(1, Math.floor(sample.length / 3))
  return { first: median(sample.slice(0, third)), last: median(sample.slice(-third)) }
}

function faultsOfMeasures(measured: {
  readonly deliveries: number
  readonly honestMs: readonly number[]
  readonly resident: readonly number[]
  readonly slowestCutSeconds: number
}): readonly string[] {
  const { p99, max } = percentiles(measured.honestMs)
  const { first, last } = thirds(measured.resident)
  return [
    ...(p99 > honestP99Milliseconds ? [`honest deliveries took ${p99.toFixed(0)} ms (p99)`] : []),
    ...(max > honestMaxMilliseconds ? [`an honest delivery took ${max.toFixed(0)} ms`] : []),
    ...(measured.slowestCutSeconds > slowestSeconds
      ? [`a slow connection was let for ${measured.slowestCutSeconds.toFixed(1)} s`]
      : []),
    ...(measured.deliveries >= enoughForMemory && last > first * 1.2 + 20
      ? [`memory grew from ${first.toFixed(0)} to ${last.toFixed(0)} MiB`]
      : []),
    ...(last > residentMaxMiB ? [`the service holds ${last.toFixed(0)} MiB`] : []),
  ]
}

/** A burst and one a second, for each tenant and for no tenant, of hires and of other things; and nobody's signature among what was refused. */
function faultsOfQuarantine(
  { kept, verified }: Awaited<ReturnType<Stage['quarantined']>>,
  seconds: number,
): readonly string[] {
  return [
    ...(kept > 2 * 3 * (100 + seconds) ? [`quarantine has grown to ${kept}`] : []),
    ...(verified > 0 ? [`${verified} deliveries were refused although they were signed`] : []),
  ]
}

/** Every line is one of our log's, none tells of a body, and nothing needs somebody but the one alarm. */
function faultsOfService({ service }: Stage): readonly string[] {
  const lines = service.output().split('\n')
  const odd = lines.filter((line) => !line.startsWith('{"level":') || line.includes(marker))
  const errors = lines.filter(
    (line) => line.startsWith('{"level":50') && !line.includes('signatures began to fail'),
  )
  return [...new Set([...odd, ...errors])].slice(0, 10).map((line) => `the service wrote: ${line}`)
}
