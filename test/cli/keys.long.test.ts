// Rotating the encryption keys as an operator does: the new key in front, every process anew, one command, the old key out.
import { randomBytes } from 'node:crypto'

import { expect, it, vi } from 'vitest'

import { hireEvent } from '../../sandbox/index.ts'
import { startService } from '../../src/app/service.ts'
import { readConfig } from '../../src/config/environment.ts'
import { silentLog } from '../../src/observe/log.ts'
import { sealedColumns } from '../../src/privacy/store/sealed-data.ts'
import { failJson, runCommand, runJson } from '../support/command.ts'
import { expectExactly } from '../support/oracle.ts'
import { openWorld } from '../support/world.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`

it('keys are rotated and the old one taken out, and hires go on', async () => {
  const [old, fresh] = [key('old'), key('fresh')]
  const world = await openWorld({ service: false, env: { ENCRYPTION_KEYS: old } })
  const envOf = (...keys: string[]) => ({ ...world.env, ENCRYPTION_KEYS: keys.join(',') })
  const start = (...keys: string[]) => startService(readConfig(envOf(...keys)), silentLog)
  try {
    const before = await start(old)
    const first = await world.hire({ email: 'ada@example.com' }, before)
    const wrong = { url: before.url, signature: `${'A'.repeat(43)}=` }
    expect((await world.send(hireEvent(first), wrong)).status).toBe(401)
    await world.settled(1)
    await before.close()

    const keys = async (...given: string[]) => runJson(['keys', 'list'], { env: envOf(...given) })
    const { data } = await keys(fresh, old)
    const sealed = (data as readonly { readonly envelopes: number }[])[1]?.envelopes ?? 0
    for (const { table, column } of sealedColumns) {
      const { rows } = await world.store.database.pool.query(
        `select from ${table} where ${column} is not null`,
      )
      expect(rows.length, `${table}.${column}`).toBeGreaterThan(0)
    }
    expect(data).toEqual([
      { key: 'fresh', state: 'seals', envelopes: 0 },
      { key: 'old', state: 'opens', envelopes: sealed },
    ])
    const text = await runCommand(['keys', 'list'], { env: envOf(fresh, old) })
    expect(text.stdout).toMatch(new RegExp(`old +opens +${sealed}\\n\\nNext: pinpoint-webhooks keys rotate`))

    const behind = await start(old)
    await vi.waitFor(async () =>
      expect(await world.store.processes.live()).toMatchObject([{ keys: ['old'] }]),
    )
    expect(await failJson(['keys', 'rotate'], { env: envOf(fresh, old) })).toMatchObject({
      code: 2,
      error: {
        code: 'seal.process_lacks_key',
        message: expect.stringContaining('(ROLE=all, keys: old)') as string,
      },
    })
    expect((await keys(fresh, old)).data).toEqual(data)
    await behind.close()
    expect(await world.store.processes.live()).toEqual([])

    const beside = await start(fresh, old)
    const rotated = await runJson(['keys', 'rotate'], { env: envOf(fresh, old) })
    expect(rotated).toEqual({
      code: 0,
      data: { key: 'fresh', sealed, unreadable: 0, finished: true, left: [] },
    })
    await beside.close()
    expect((await keys(fresh)).data).toEqual([{ key: 'fresh', state: 'seals', envelopes: sealed }])

    const after = await start(fresh)
    await world.hire({ email: 'grace@example.com' }, after)
    // The same hire again meets the ledger, whose keyed hashes are as before.
    const { id: event } = (await world.store.runs.listEvents({ subject: first, limit: 1 }))[0] ?? {}
    const replayed = await runJson(['replay', event ?? ''], { env: envOf(fresh) })
    expect(replayed.code).toBe(0)
    await world.settled(3)
    await after.close()
    expectExactly(world, 2)
  } finally {
    await world.close()
  }
})

it('what is locked is left and told, for another time', async () => {
  const [old, fresh] = [key('old'), key('fresh')]
  const world = await openWorld({ service: false, env: { ENCRYPTION_KEYS: old } })
  const client = await world.store.database.pool.connect()
  try {
    await client.query('begin')
    await client.query('select from connections for update')
    const env = { ...world.env, ENCRYPTION_KEYS: `${fresh},${old}` }
    expect(await runJson(['keys', 'rotate'], { env })).toMatchObject({
      code: 75,
      data: { sealed: 3, unreadable: 0, finished: true, left: [{ key: 'old', envelopes: 2 }] },
    })
    expect((await runCommand(['keys', 'rotate'], { env })).stdout).toContain('Rows were locked, or a process')
    await client.query('rollback')
    expect(await runJson(['keys', 'rotate'], { env })).toMatchObject({
      code: 0,
      data: { sealed: 2, left: [] },
    })
  } finally {
    client.release()
    await world.close()
  }
})

it('a key that is not here is told, by both commands', async () => {
  const [lost, fresh] = [key('lost'), key('fresh')]
  const world = await openWorld({ service: false, env: { ENCRYPTION_KEYS: lost } })
  try {
    const env = { ...world.env, ENCRYPTION_KEYS: fresh }
    const listed = await runJson(['keys', 'list'], { env })
    expect(listed).toEqual({
      code: 2,
      data: [
        { key: 'fresh', state: 'seals', envelopes: 0 },
        { key: 'lost', state: 'missing', envelopes: 5 },
      ],
    })
    const rotated = await runCommand(['keys', 'rotate'], { env })
    expect(rotated.code).toBe(2)
    expect(rotated.stdout).toContain('Cannot be decrypted: 5. Still encrypted with other keys: lost: 5.')
    expect(rotated.stdout).toContain('Add the key to ENCRYPTION_KEYS again, behind the first one')
  } finally {
    await world.close()
  }
})
