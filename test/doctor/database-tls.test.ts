/** L10: `doctor` warns of a database on another machine whose certificate nobody checks. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { databaseTls } from '../../src/doctor/store/database-tls.ts'
import { runCommand } from '../support/command-line.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'

describe('L10: the way to a database', () => {
  it.each([
    'postgresql://u:p@127.0.0.1:5432/x',
    'postgresql://u:p@localhost/x',
    'postgresql://u:p@[::1]/x',
    'postgresql://u:p@127.9.9.9/x',
    'postgresql://u:p@%2Fvar%2Frun%2Fpostgresql/x',
    'postgresql://u:p@ignored/x?host=/var/run/postgresql',
  ])('%s is on this machine, and nothing is told of it', (url) => {
    expect(databaseTls([url])).toEqual([])
  })

  it.each(['sslmode=verify-full', 'sslmode=verify-full&sslnegotiation=direct', 'ssl=true'])(
    'is checked with %s',
    (parameters) => {
      expect(databaseTls([`postgresql://u:p@db.example.com/x?${parameters}`])).toMatchObject([
        { ok: true, what: 'TLS', because: expect.stringContaining('checked') as string },
      ])
    },
  )

  it.each(['', 'sslmode=disable', 'sslmode=no-verify', 'uselibpqcompat=true&sslmode=require'])(
    'is warned of with "%s"',
    (parameters) => {
      const url = `postgresql://u:hunter22@db.example.com/x?${parameters}`
      const found = databaseTls([url, url])
      expect(found).toMatchObject([
        { warning: true, because: expect.stringMatching(/db\.example\.com.*sslmode=verify-full/) as string },
      ])
      expect(JSON.stringify(found)).not.toContain('hunter22')
    },
  )

  it('past a pooler is looked at as well', () => {
    const checked = 'postgresql://u:p@pooler.example.com/x?sslmode=verify-full'
    expect(databaseTls([checked, 'postgresql://u:p@db.example.com/x'])).toMatchObject([{ warning: true }])
  })
})

describe('L10: doctor', () => {
  let database: FreshDatabase
  beforeAll(async () => {
    database = await freshDatabase()
  })
  afterAll(() => database.drop())

  it('warns, and is not held up by it', async () => {
    // Leads here too, but does not say so.
    const url = new URL(database.url)
    url.hostname = '0.0.0.0'
    url.search = ''
    const env = { DATABASE_URL: url.href }
    expect((await runCommand(['doctor'], env)).out).toMatch(/^warn {2}TLS: .*0\.0\.0\.0/m)
    const { json } = await runCommand(['doctor', '--json'], env)
    expect(json).toMatchObject({
      findings: expect.arrayContaining([
        expect.objectContaining({ what: 'TLS', ok: true, warning: true }),
      ]) as unknown,
    })
  })
})
