/**
 * Two runs of the tests: `npm test` holds each promise once, `npm run test:long` tries it in all ways (`*.long.test.ts`). One
 * PostgreSQL for all of a run, a database of its own for whoever asks, no second chances. A worker runs one file after the other
 * without starting anew: a test leaves nothing behind.
 */
import { configDefaults, defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const long = 'test/**/*.long.test.ts'

/** Waiting for what was killed or refused takes longest, in the smallest of files: a fresh clone has no durations to go by. */
class FaultsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isFault = ({ moduleId }: TestSpecification) => moduleId.includes('/test/faults/')
    return [...sorted.filter(isFault), ...sorted.filter((file) => !isFault(file))]
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: FaultsFirst },
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
