/**
 * Every figure beside a baseline that was measured in the same round, as the median of several rounds.
 *
 *   npm run bench -- [--only ack,burst] [--rounds 3] [--quick] [--json FILE] [--list]
 *
 * Exit code 1: a bar was missed. What the baselines are: bench/README.md
 */
import { writeFile } from 'node:fs/promises'
import { arch, cpus, release, totalmem } from 'node:os'
import { parseArgs } from 'node:util'

import { scenarios } from './scenarios/index.ts'
import type { Figure, Scenario } from './support/figure.ts'
import { summarise, type Summary, table } from './support/summary.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
})

if (values.list) for (const { name, about } of scenarios) console.log(`${name.padEnd(12)} ${about}`)
else await main()

async function main(): Promise<void> {
  const { quick } = values
  const rounds = quick ? 1 : wholeNumber(values.rounds)
  const chosen = choose(values.only)
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'} (${arch()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}`
  console.log(`${machine}; medians of ${rounds} rounds\n`)
  const summaries: Summary[] = []
  for (const scenario of chosen) {
    const measured = summarise(scenario.name, await measure(scenario, { rounds, quick }))
    console.log(`${scenario.name}: ${scenario.about}\n${table(measured)}\n`)
    summaries.push(...measured)
  }
  if (values.json !== undefined) {
    const report = { machine, date: new Date().toISOString(), quick, figures: summaries }
    await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`)
  }
  const missed = summaries.filter(({ passed }) => passed === false)
  if (missed.length === 0) return
  console.log(`missed: ${missed.map(({ scenario, name }) => `${scenario} ${name}`).join('; ')}`)
  process.exitCode = 1
}

async function measure(
  scenario: Scenario,
  { rounds, quick }: { readonly rounds: number; readonly quick: boolean },
): Promise<readonly (readonly Figure[])[]> {
  await using opened = new AsyncDisposableStack()
  const round = await scenario.open({
    quick,
    closing: (part) => {
      opened.defer(() => part.close())
      return part
    },
  })
  const measured: (readonly Figure[])[] = []
  for (let count = 0; count < rounds; count++) measured.push(await round())
  return measured
}

function choose(only: string | undefined): readonly Scenario[] {
  if (only === undefined) return scenarios.filter(({ onlyByName = false }) => !onlyByName)
  return only.split(',').map((name) => {
    const scenario = scenarios.find((one) => one.name === name)
    if (scenario === undefined) throw new Error(`there is no scenario "${name}"; --list shows them`)
    return scenario
  })
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new Error(`--rounds takes a whole number above zero, not "${text}"`)
}
