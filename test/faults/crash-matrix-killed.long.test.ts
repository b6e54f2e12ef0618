import { readFile } from 'node:fs/promises'

import { describe, expect, it } from 'vitest'

import { columnOf, columnOnPage, runRung } from '../../sandbox/crash-kit/index.ts'
import { crashMatrixPath } from '../../scripts/crash-matrix-page.ts'
import { crashSubjects } from '../support/crash-subjects.ts'
import { freshDatabase } from '../support/database.ts'

const page = await readFile(new URL(`../../${crashMatrixPath}`, import.meta.url), 'utf8')

describe('one of each effect, every run at rest, nothing personal written', () => {
  it.each(crashSubjects)(
    'when a process is killed at any point of %s and another one takes over',
    async (name, subject) => {
      // Side by side: a victim keeps one core busy while it starts.
      const halves = await Promise.all(
        ([1, 2] as const).map(async (part) => {
          const database = await freshDatabase()
          const report = await runRung('killed', { subject, databaseUrl: database.url, share: [part, 2] })
          await database.drop()
          return report
        }),
      )
      expect(halves.flatMap(({ violations }) => violations)).toEqual([])
      const tried = columnOf(halves.flatMap(({ accidents }) => accidents))
      expect(sorted(tried)).toEqual(sorted(columnOnPage(page, name, 'killed')))
    },
    600_000,
  )
})

/** The halves have every other moment, so the cells come in another order. */
function sorted(column: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(column).map(([label, moments]) => [label, moments.split(', ').sort().join(', ')]),
  )
}
