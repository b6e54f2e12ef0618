/**
 * How fast fresh webhooks are acknowledged while a large replay drains, as a ratio against the same service a moment before.
 *
 *   npm run bench:replay -- [--events 2000] [--rate 20] [--seconds 20] [--json]
 */
import { arch, cpus } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'

import { openLoop } from './support/open-loop.ts'
import { percentiles } from './support/percentiles.ts'
import { type BenchWorld, openBenchWorld } from './support/world.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '2000' },
    rate: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
})
const events = Number(values.events)
const perSecond = Number(values.rate)
const seconds = Number(values.seconds)

const world = await openBenchWorld()
try {
  const url = `${world.serviceUrl}/webhooks/pinpoint/acme`
  await openLoop(url, await world.hires(events), 100)
  await allDone(world, events)
  const before = percentiles(await openLoop(url, await world.hires(perSecond * seconds), perSecond))
  await allDone(world, events + perSecond * seconds)

  const calls = await fetched(world)
  await world.command(
    'replay',
    '--tenant',
    'acme',
    '--since',
    '1d',
    '--state',
    'done',
    '--rate',
    '60000/m',
    '--yes',
  )
  const during = percentiles(await openLoop(url, await world.hires(perSecond * seconds), perSecond))
  const replayed = (await fetched(world)) - calls
  report({ before, during, replayed })
} finally {
  await world.close()
}

/** Each hire ends with its comment. */
async function allDone(on: BenchWorld, hires: number): Promise<void> {
  while (((await on.counts())['comments'] ?? 0) < hires) await pause(200)
}

/** Applications that Pinpoint was asked for: one for each run, replayed or fresh. */
async function fetched({ sandboxUrl }: BenchWorld): Promise<number> {
  const response = await fetch(`${sandboxUrl}/_sandbox/ledger`)
  const { calls } = (await response.json()) as { calls: Record<string, number> }
  return calls['pinpoint applications.get 200'] ?? 0
}

function report(measured: {
  readonly before: ReturnType<typeof percentiles>
  readonly during: ReturnType<typeof percentiles>
  readonly replayed: number
}): void {
  const { before, during, replayed } = measured
  const p99Ratio = during.p99 / before.p99
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'} (${arch()}), Node ${process.version}`
  if (values.json) {
    console.log(JSON.stringify({ machine, events, perSecond, seconds, ...measured, p99Ratio }, null, 2))
    return
  }
  console.log(`${machine}; ${perSecond} webhooks a second for ${seconds} s\n`)
  console.log(`before the replay      p50 ${before.p50.toFixed(1)} ms, p99 ${before.p99.toFixed(1)} ms`)
  console.log(`while it drains        p50 ${during.p50.toFixed(1)} ms, p99 ${during.p99.toFixed(1)} ms`)
  console.log(`p99 ratio              ${p99Ratio.toFixed(2)}, with ${replayed} runs worked on meanwhile`)
}
