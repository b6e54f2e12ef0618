// When a process cannot store a webhook although its database answers, and what it tells although it can.
import { randomBytes } from 'node:crypto'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { createSealer } from '../../src/base/seal.ts'
import { noticesOf } from '../../src/doctor/store/notices.ts'
import { createKeysCheck, readHashKey } from '../../src/keys/store/installation-keys.ts'
import { createSchemaCheck } from '../../src/postgres/readiness.ts'
import { openSpine, type Spine } from '../support/spine.ts'

let spine: Spine
beforeAll(async () => {
  spine = await openSpine()
  await readHashKey(spine.pool, spine.sealer)
})
afterAll(() => spine.close())

const failing = async () =>
  (await noticesOf({ pool: spine.pool, embedded: undefined })).filter(({ ok }) => !ok).map(({ what }) => what)

it('keys that do not open what is stored are told, also after a rotation that left this process behind (L1)', async () => {
  const stranger = createSealer([{ id: 'other', bytes: randomBytes(32) }])
  expect(await createKeysCheck(spine.pool, spine.sealer)()).toBeUndefined()
  expect(await createKeysCheck(spine.pool, stranger)()).toContain('do not open what is stored')
})

it('a database that lacks a migration of this version is told by its name', async () => {
  const check = createSchemaCheck(spine.pool)
  expect(await check()).toBeUndefined()
  const { rows } = await spine.pool.query<{ name: string }>(
    'delete from schema_migrations where version = 8 returning *',
  )
  expect(await check()).toContain(rows[0]?.name)
  // One of a newer version is none of our business: it has said whether it breaks anything.
  await spine.pool.query(
    `insert into schema_migrations (version, name, checksum) values (8, '0008_rare_states', ''), (99, 'later', '')`,
  )
  expect(await check()).toBeUndefined()
})

it('what waits for somebody is a notice: runs that do not begin, paused connections, failing destinations', async () => {
  expect(await failing()).toEqual([])
  await spine.pool.query(
    `update connections set paused_code = 'x', paused_reason = 'x', paused_at = now() where id = $1`,
    [spine.connections.hibob],
  )
  expect(await failing()).toEqual(['Connections'])
})
