/** A short soak in every run of the tests; the long one is `npm run soak`. */
import { randomInt } from 'node:crypto'

import { expect, it } from 'vitest'

import { isClean, runSoak } from './run-soak.ts'

it('twenty kills and two restarts of the database during eighty hires lose nothing and double nothing', async () => {
  const seed = randomInt(1_000_000_000)
  const report = await runSoak(
    { seed, hires: 80, minutes: 0.5, kills: 20, databaseRestarts: 2, tenants: 5, services: 2 },
    () => undefined,
  )
  process.stdout.write(`soak with seed ${seed}: ${JSON.stringify(report)}\n`)
  expect(isClean(report), JSON.stringify(report)).toBe(true)
  // The plan was really played: otherwise nothing was shown.
  expect(report.kills).toBeGreaterThan(5)
  expect(report.databaseRestarts).toBe(2)
}, 600_000)
