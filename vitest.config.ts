/**
 * Two runs of the tests: `npm test` holds each promise once, `npm run test:long` tries it in all ways (`*.long.test.ts`). One
 * PostgreSQL for all of a run, a database of its own for whoever asks, no second chances. A worker runs one file after the other
 * without starting anew: a test leaves nothing behind.
 */
import { existsSync } from 'node:fs'

import { configDefaults, defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const long = 'test/**/*.long.test.ts'

/** Those that take minutes: one that started last would have a core to itself at the end. */
const slowest = [
  'test/faults/crash-matrix-killed.long.test.ts',
  'test/simulation/fails-for-ever.long.test.ts',
  'test/faults/crash-matrix.long.test.ts',
  'test/cli/backup.long.test.ts',
  'test/faults/failing-calls.long.test.ts',
  'test/cli/service-start.long.test.ts',
  'test/simulation/simulation.long.test.ts',
]
const missing = slowest.filter((file) => !existsSync(new URL(file, import.meta.url)))
if (missing.length > 0)
  throw new Error(`vitest.config.ts names files that are not there: ${missing.join(', ')}`)

/**
 * The slowest first, then what waits for what was killed or refused, in the smallest of files: a fresh clone has no durations to go
 * by.
 */
class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const rank = ({ moduleId }: TestSpecification) => {
      const at = slowest.findIndex((file) => moduleId.endsWith(`/${file}`))
      if (at >= 0) return at
      return moduleId.includes('/test/faults/') ? slowest.length : slowest.length + 1
    }
    return sorted.toSorted((one, other) => rank(one) - rank(other))
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: SlowestFirst },
    environment: 'node',
    globalSetup: ['test/support/global-database.ts'],
    pool: 'forks',
    isolate: false,
    maxWorkers: 2,
    // Against what never ends: no bar, and far from it on a slow machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    retry: 0,
    projects: [
      {
        extends: true,
        test: {
          name: 'short',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, long],
        },
      },
      { extends: true, test: { name: 'long', include: [long], testTimeout: 120_000, hookTimeout: 120_000 } },
    ],
  },
})
