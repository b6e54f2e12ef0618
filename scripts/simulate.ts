/**
 * npm run simulate -- [--seeds 1000] [--from N] [--seconds 60] [--trace SEED]
 * Runs seeds of the simulation on every core, and prints the story of the first that breaks a promise. Exit code 1: one did.
 */
import { randomInt } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'

import { openOddSeeds } from '../test/odd-answers/seeds.ts'
import { simulate, type Simulated } from '../test/simulation/simulate.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string' },
    seconds: { type: 'string' },
    trace: { type: 'string' },
  },
})

if (values.trace !== undefined) {
  const { broken } = await story(wholeNumber('trace', values.trace))
  process.exitCode = broken.length === 0 ? 0 : 1
} else {
  process.exitCode = await runSeeds()
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    console.error(`--${name} takes a whole number, not "${text}".`)
    process.exit(2)
  }
  return Number(text)
}

async function runSeeds(): Promise<number> {
  const from = values.from === undefined ? randomInt(1_000_000) : wholeNumber('from', values.from)
  const seconds = values.seconds === undefined ? Infinity : wholeNumber('seconds', values.seconds)
  const most = values.seconds === undefined ? 1000 : Infinity
  const seeds = values.seeds === undefined ? most : wholeNumber('seeds', values.seeds)
  console.log(`seeds from ${from}`)

  const startedAt = performance.now()
  const elapsed = () => (performance.now() - startedAt) / 1000
  let next = from
  let failed: Simulated | undefined
  const totals = { seeds: 0, steps: 0, seconds: 0 }
  const take = () => {
    const over = failed !== undefined || next >= from + seeds || elapsed() >= seconds
    return over ? undefined : next++
  }
  const note = (one: Simulated) => {
    totals.seeds += 1
    totals.steps += one.steps
    totals.seconds += one.simulatedSeconds
    if (one.broken.length > 0 && (failed === undefined || one.seed < failed.seed)) failed = one
  }
  await Promise.all(Array.from({ length: availableParallelism() }, () => onOneCore(take, note)))

  const days = Math.round(totals.seconds / 86_400)
  const speed = Math.round(totals.seeds / elapsed())
  console.log(`${totals.seeds} seeds, ${totals.steps} steps, ${days} simulated days, ${speed} seeds a second`)
  if (failed === undefined) return 0
  await story(failed.seed)
  console.log(`Seed ${failed.seed} broke a promise. Again: npm run simulate -- --trace ${failed.seed}`)
  return 1
}

/** A worker thread that is given one seed after the other. */
async function onOneCore(take: () => number | undefined, note: (one: Simulated) => void): Promise<void> {
  const worker = new Worker(new URL('simulation/seeds.ts', import.meta.url))
  await new Promise<void>((resolve, reject) => {
    const giveNext = () => {
      const seed = take()
      if (seed === undefined) resolve()
      else worker.postMessage(seed)
    }
    worker.on('message', (one: Simulated) => {
      note(one)
      giveNext()
    })
    worker.once('error', reject)
    giveNext()
  })
  await worker.terminate()
}

async function story(seed: number): Promise<Simulated> {
  const simulated = await simulate(seed, { trace: (line) => console.log(line) })
  const odd = await (await openOddSeeds())(seed)
  for (const text of odd) console.log(`BROKEN by an odd answer: ${text}`)
  const broken = [...simulated.broken, ...odd]
  console.log(`seed ${seed}: ${broken.length === 0 ? 'every promise was kept' : 'BROKEN'}`)
  return { ...simulated, broken }
}
