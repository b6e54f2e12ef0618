import { describe, expect, it } from 'vitest'

import { type Rung, runRung } from '../../sandbox/crash-kit/index.ts'
import { crashSubjects } from '../support/crash-subjects.ts'
import { freshDatabase } from '../support/database.ts'

const accidents: Readonly<Record<Exclude<Rung, 'killed'>, string>> = {
  throw: 'an error is thrown',
  database: 'every connection to the database is killed, or the answer of a commit is lost',
  outside: 'the call, or the answer of a destination that has acted, is lost',
}

// Most of the time is spent waiting for heartbeats that stop and retries that are due, so all of them wait together.
describe.concurrent('one of each effect, every run ends, nothing personal is written', () => {
  for (const [name, subject] of crashSubjects) {
    for (const [rung, what] of Object.entries(accidents) as [Exclude<Rung, 'killed'>, string][]) {
      it(`when at any point of ${name} ${what}`, async () => {
        const database = await freshDatabase()
        const started = performance.now()
        const report = await runRung(rung, { subject, databaseUrl: database.url })
        console.log(rung, name, report.accidents.length, performance.now() - started)
        expect(report.violations).toEqual([])
        await database.drop()
      }, 180_000)
    }
  }
})
