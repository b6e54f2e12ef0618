/**
 * Hours of bad luck in minutes: `npm run soak -- [--hires 2000] [--minutes 10] [--kills 600] [--restarts 20] [--tenants 20]
 * [--services 2] [--seed N] [--json]`. Ends with a count for each promise, and with 1 when one was broken.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'

import { isClean, runSoak } from './run-soak.ts'

const { values } = parseArgs({
  options: {
    hires: { type: 'string', default: '2000' },
    minutes: { type: 'string', default: '10' },
    kills: { type: 'string', default: '600' },
    restarts: { type: 'string', default: '20' },
    tenants: { type: 'string', default: '20' },
    services: { type: 'string', default: '2' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const options = {
  seed: values.seed === undefined ? randomInt(1_000_000_000) : number('seed', values.seed),
  hires: number('hires', values.hires),
  minutes: number('minutes', values.minutes),
  kills: number('kills', values.kills),
  databaseRestarts: number('restarts', values.restarts),
  tenants: number('tenants', values.tenants),
  services: number('services', values.services),
}
const tell = (line: string) => process.stderr.write(`${line}\n`)
tell(`seed ${options.seed}: repeat the plan with --seed ${options.seed}`)
const report = await runSoak(options, tell)
if (values.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
else {
  for (const [name, value] of Object.entries(report)) {
    process.stdout.write(
      `${name.padEnd(18)}${typeof value === 'object' ? JSON.stringify(value) : String(value)}\n`,
    )
  }
}
process.exitCode = isClean(report) ? 0 : 1

function number(name: string, text: string): number {
  const value = Number(text)
  if (value >= 0) return value
  throw new Error(`--${name} takes a number, not "${text}"`)
}
