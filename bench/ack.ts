/**
 * How fast a signed webhook is acknowledged while HiBob is quick, takes ten seconds for each answer, or is down. The two
 * troubles are ratios against the quick one, measured in the same run: what the upstream does must not move the answer.
 *
 *   npm run bench:ack -- [--rate 20] [--seconds 15] [--rounds 3] [--json]
 */
import { arch, cpus } from 'node:os'
import { parseArgs } from 'node:util'

import { openLoop } from './support/open-loop.ts'
import { median, type Percentiles, percentiles } from './support/percentiles.ts'
import { openBenchWorld } from './support/world.ts'

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '15' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
})
const perSecond = positive('rate', values.rate)
const seconds = positive('seconds', values.seconds)
const rounds = positive('rounds', values.rounds)

const scenarios = {
  quick: [],
  'each answer takes 10 s': [{ system: 'hibob', every: 1, effect: { delayMs: 10_000 } }],
  down: [{ system: 'hibob', every: 1, effect: { cut: 'before' } }],
} satisfies Record<string, readonly object[]>
type Scenario = keyof typeof scenarios

const measured = new Map<Scenario, Percentiles[]>()
for (let round = 1; round <= rounds; round++) {
  for (const name of Object.keys(scenarios) as Scenario[]) {
    measured.set(name, [...(measured.get(name) ?? []), await measure(name)])
  }
}
report()

async function measure(name: Scenario): Promise<Percentiles> {
  const world = await openBenchWorld()
  try {
    for (const rule of scenarios[name]) await world.fault(rule)
    const url = `${world.serviceUrl}/webhooks/pinpoint/acme`
    // Warm: a service that has just started compiles its code at the first requests.
    await openLoop(url, await world.hires(20), 20)
    return percentiles(await openLoop(url, await world.hires(perSecond * seconds), perSecond))
  } finally {
    await world.close()
  }
}

function report(): void {
  const rows = [...measured].map(([hibob, results]) => ({
    hibob,
    requests: results.reduce((sum, { count }) => sum + count, 0),
    p50: median(results.map(({ p50 }) => p50)),
    p99: median(results.map(({ p99 }) => p99)),
    max: Math.max(...results.map(({ max }) => max)),
  }))
  const quick = rows[0]
  if (quick === undefined) throw new Error('nothing was measured')
  const results = rows.map((row) => ({
    ...row,
    p50Ratio: row.p50 / quick.p50,
    p99Ratio: row.p99 / quick.p99,
  }))
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'} (${arch()}), Node ${process.version}`
  if (values.json) {
    console.log(JSON.stringify({ machine, perSecond, seconds, rounds, results }, null, 2))
    return
  }
  console.log(`${machine}; ${perSecond} webhooks a second for ${seconds} s, median of ${rounds} rounds\n`)
  console.log('HiBob                    p50 ms   p99 ms   max ms   p50 ratio   p99 ratio')
  for (const { hibob, p50, p99, max, p50Ratio, p99Ratio } of results) {
    const figures = [p50, p99, max].map((value) => value.toFixed(1).padStart(8)).join(' ')
    const ratios = [p50Ratio, p99Ratio].map((value) => value.toFixed(2).padStart(11)).join(' ')
    console.log(`${hibob.padEnd(22)} ${figures} ${ratios}`)
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new Error(`--${name} takes a whole number above zero, not "${text}"`)
}
