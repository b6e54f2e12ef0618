// A short storm at the door: one seed that is always the same, and one that is new and printed. `npm run fuzz` is the long one.
import { randomInt } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import { type FreshDatabase, freshDatabase } from '../support/database.ts'
import { readAnswers } from './raw-client.ts'
import { openStage, type Stage } from './stage.ts'
import { storm } from './storm.ts'

vi.setConfig({ testTimeout: 120_000 })

let database: FreshDatabase
let stage: Stage
beforeAll(async () => {
  database = await freshDatabase()
  stage = await openStage(database.url)
})
afterAll(async () => {
  await stage.close()
  await database.drop()
})

describe('The door', () => {
  it('admits what is signed and nothing else, never answers 5xx, cuts slow ones off, and answers honest ones meanwhile', async () => {
    const seed = randomInt(1_000_000_000)
    process.stderr.write(`seed ${seed}: npm run fuzz -- --seed ${seed}\n`)
    const report = await storm(stage, { seeds: [1, seed], deliveries: 2_000, slowConnections: 40 })
    expect(report.broken).toEqual([])
    expect(report.admitted).toBeGreaterThan(200)
    expect(report.quarantined).toBeGreaterThan(20)
    // Those that were slow from the beginning are gone: the head after 5 s, the body after 10 s.
    expect(report.slowestCutSeconds).toBeGreaterThan(9)
  })
})

describe('The answers of a server', () => {
  it.each([
    ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}', [200]],
    ['HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}', []],
    [
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 No\r\ncontent-length: 1\r\n\r\nxHTTP/1.1 400 Bad Request\r\n\r\n',
      [401, 400],
    ],
    ['rubbish', []],
  ])('are read from the bytes: %j', (text, statuses) => {
    expect(readAnswers(text).statuses).toEqual(statuses)
  })
})
