/**
 * A thousand events through both functions under AWS's own runtime client, some of whose invocations are killed:
 * `npm run lambda:thousand -- [--hires 1000] [--kills 0.05] [--retries 0] [--receivers 4] [--workers 5] [--seed N] [--json]`.
 * Ends with a count for each promise, and with 1 when one was broken.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'

import { clientOrReason } from '../ric.ts'
import { isClean, runThousand } from './run-thousand.ts'

const { values } = parseArgs({
  options: {
    hires: { type: 'string', default: '1000' },
    kills: { type: 'string', default: '0.05' },
    retries: { type: 'string', default: '0' },
    receivers: { type: 'string', default: '4' },
    workers: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(randomInt(1_000_000_000)) },
    json: { type: 'boolean', default: false },
  },
})
const client = await clientOrReason()
if (!client.ok) process.exit(1)
const options = {
  seed: number('seed'),
  hires: number('hires'),
  killShare: number('kills'),
  killsToTheEnd: true,
  retries: number('retries'),
  receivers: number('receivers'),
  workers: number('workers'),
}
const tell = (line: string) => process.stderr.write(`${line}\n`)
tell(`seed ${options.seed}: repeat the plan with --seed ${options.seed}`)
const report = await runThousand(client.program, options, tell)
if (values.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
else {
  for (const [name, value] of Object.entries(report)) {
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
    process.stdout.write(`${name.padEnd(14)}${text}\n`)
  }
}
process.exitCode = isClean(report) ? 0 : 1

function number(name: Exclude<keyof typeof values, 'json'>): number {
  const value = Number(values[name])
  if (value >= 0) return value
  throw new Error(`--${name} takes a number, not "${values[name]}"`)
}
