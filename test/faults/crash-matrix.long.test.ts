// Every crash point of every step of every shipped integration: docs/reference/crash-matrix.md
import { readFile } from 'node:fs/promises'

import { describe, expect, it } from 'vitest'

import { crashPoints } from '../../sandbox/crash-kit/crash-point.ts'
import {
  columnOf,
  columnOnPage,
  type Row,
  rowsOfSubject,
  type Rung,
  runRung,
} from '../../sandbox/crash-kit/index.ts'
import { crashMatrixPage, crashMatrixPath } from '../../scripts/crash-matrix-page.ts'
import { integrations } from '../../src/integrations/registry.ts'
import { crashSubjects } from '../support/crash-subjects.ts'
import { freshDatabase } from '../support/database.ts'
import { handBackPoints, takeOverPoints } from '../support/process-points.ts'

const page = await readFile(new URL(`../../${crashMatrixPath}`, import.meta.url), 'utf8')

const accidents: Readonly<Record<Exclude<Rung, 'killed'>, string>> = {
  throw: 'an error is thrown',
  database: 'every connection to the database is killed, or the answer of a commit is lost',
  paused: 'the worker is paused until another has finished its run, and then goes on',
  outside: 'the call, or the answer of a destination that has acted, is lost',
}

// Most of the time is spent waiting for heartbeats that stop and retries that are due, so all of them wait together.
describe.concurrent('one of each effect, every run at rest, nothing personal written', () => {
  for (const [name, subject] of crashSubjects) {
    for (const [rung, what] of Object.entries(accidents) as [Exclude<Rung, 'killed'>, string][]) {
      it(`when at any point of ${name} ${what} (cases 26, 27, 29)`, async () => {
        const database = await freshDatabase()
        const report = await runRung(rung, { subject, databaseUrl: database.url })
        expect(report.violations).toEqual([])
        expect(columnOf(report.accidents)).toEqual(columnOnPage(page, name, rung))
        await database.drop()
      }, 400_000)
    }
  }
})

describe('the page of the crash matrix', () => {
  it('says which calls each integration makes (otherwise: npm run docs:crash-matrix)', async () => {
    const rows = new Map<string, readonly Row[]>()
    for (const [name, subject] of crashSubjects) {
      const database = await freshDatabase()
      rows.set(name, await rowsOfSubject({ subject, databaseUrl: database.url }))
      await database.drop()
    }
    expect(page).toBe(crashMatrixPage(rows))
  }, 60_000)

  it('has every integration', () => {
    expect(crashSubjects.map(([name]) => name)).toEqual(integrations.map(({ name }) => name))
  })

  it('leaves no crash point untried', () => {
    const tried = crashSubjects.flatMap(([name]) =>
      Object.entries(columnOnPage(page, name, 'killed')).flatMap(([label, moments]) =>
        moments.split(', ').map((moment) => `${label.split('`')[1] ?? ''}.${moment}`),
      ),
    )
    const all = new Set([...tried, ...takeOverPoints, ...handBackPoints])
    expect(Object.keys(crashPoints).filter((point) => !all.has(point))).toEqual([])
  })
})
