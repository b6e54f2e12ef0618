// The page that operators count connections with says what the service takes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { environment } from '../../src/config/environment.ts'
import { poolSizeFor } from '../../src/postgres/database.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/deploy/many-machines.md'), 'utf8')
const rows = Array.from(
  page.matchAll(/^\| (\d+)(?: \(default\)| and more)? +\| (\d+) +\|$/gm),
  ([, concurrency, sum]) => [Number(concurrency), Number(sum)],
)

describe('Connections to the database', () => {
  it.each(rows)('at WORKER_CONCURRENCY=%i: %i, the one for wake-ups included', (concurrency, sum) => {
    expect(poolSizeFor(concurrency) + 1).toBe(sum)
  })

  it('are never more than the last row says, and fewer one step before it', () => {
    expect(rows.length).toBeGreaterThan(3)
    const [concurrency = 0, most] = rows.at(-1) ?? []
    expect(poolSizeFor(500) + 1).toBe(most)
    expect(poolSizeFor(concurrency - 2) + 1).toBeLessThan(most ?? 0)
  })

  it('are told for the default', () => {
    expect(page).toMatch(
      new RegExp(`^\\| ${environment.shape.WORKER_CONCURRENCY.def.defaultValue} \\(default\\)`, 'm'),
    )
  })
})
