/**
 * Two runs of the tests: `npm test` holds each promise once, `npm run test:long` tries it in all ways (`*.long.test.ts`). One
 * PostgreSQL for all of a run, a database of its own for whoever asks, no second chances. A worker runs one file after the other
 * without starting anew: a test leaves nothing behind.
 */
import { configDefaults, defineConfig } from 'vitest/config'

const long = 'test/**/*.long.test.ts'

export default defineConfig({
  test: {
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
