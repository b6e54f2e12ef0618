import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { badgeDeskSubject } from '../../examples/badge-desk/crash-test.ts'
import { type FakeBadgeDesk, startFakeBadgeDesk } from '../../examples/badge-desk/fake-badge-desk.ts'
import { runCrashMatrix, runRung } from '../../sandbox/crash-kit/index.ts'
import { freshDatabase } from '../support/database.ts'

let desk: FakeBadgeDesk
beforeAll(async () => {
  desk = await startFakeBadgeDesk()
})
afterAll(() => desk.close())

describe('the crash kit', () => {
  it('runs on the example of the guide, on a PostgreSQL of its own', async () => {
    const report = await runCrashMatrix({
      subject: () => badgeDeskSubject(desk),
      only: ['throw', 'outside'],
    })
    expect(report.violations).toEqual([])
    expect(report.rows.map(({ step }) => step)).toContain('badge-desk POST /badges')
    expect(report.accidents).toBeGreaterThan(35)
  }, 180_000)

  it('finds the second badge of an integration that makes without looking', async () => {
    const careless = await startFakeBadgeDesk()
    const database = await freshDatabase()
    const module = new URL('../support/careless-badge-desk.ts', import.meta.url)
    const report = await runRung('outside', {
      subject: () => badgeDeskSubject(careless, module),
      databaseUrl: database.url,
    })
    expect(report.violations).toEqual([
      expect.stringMatching(/after http\.send badge-desk POST \/badges → .*2 badges instead of 1/),
    ])
    await careless.close()
    await database.drop()
  }, 180_000)
})
