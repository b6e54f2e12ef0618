import { describe, expect, it } from 'vitest'

import { runRung } from '../../sandbox/crash-kit/index.ts'
import { hibobSubject, webhookSubject } from '../support/crash-subjects.ts'
import { freshDatabase } from '../support/database.ts'

// Two chains at a time, one for each core of a small machine.
describe.concurrent('one of each effect, every run ends, nothing personal is written', () => {
  for (const [name, subject, share] of [
    ['hibob (first half)', hibobSubject, [1, 2]],
    ['hibob (second half) and webhook', hibobSubject, [2, 2]],
    ['webhook', webhookSubject, [1, 1]],
  ] as const) {
    it(`when a process is killed at any point of ${name} and another takes over`, async () => {
      const database = await freshDatabase()
      const started = performance.now()
      const report = await runRung('killed', { subject, databaseUrl: database.url, share })
      console.log(name, report.accidents.length, performance.now() - started)
      expect(report.violations).toEqual([])
      await database.drop()
    }, 240_000)
  }
})
