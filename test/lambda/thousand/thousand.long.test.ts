/** A short one in every run of the tests; the thousand is `npm run lambda:thousand`. */
import { randomInt } from 'node:crypto'

import { expect, it } from 'vitest'

import { clientOrReason } from '../ric.ts'
import { isClean, runThousand } from './run-thousand.ts'

const client = await clientOrReason()

it.skipIf(!client.ok)(
  'an eighth of the invocations of both functions is killed: each hire is done once',
  async () => {
    const seed = randomInt(1_000_000_000)
    const fleets = { receivers: 3, workers: 3, retries: 0 }
    const options = { seed, hires: 24, killShare: 1 / 8, killsToTheEnd: false, ...fleets }
    const report = await runThousand(client.ok ? client.program : '', options, () => undefined)
    process.stdout.write(`both functions with seed ${seed}: ${JSON.stringify(report)}\n`)
    expect(isClean(report), JSON.stringify(report)).toBe(true)
    // It was really played: otherwise nothing was shown.
    expect(report.receive.killed).toBeGreaterThan(0)
    expect(report.work.killed).toBeGreaterThan(0)
    expect(report.refused).toBe(1)
  },
  200_000,
)
