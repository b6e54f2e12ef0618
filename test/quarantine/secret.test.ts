// A signing secret that was changed in Pinpoint and not here: what was refused meanwhile is admitted once it is corrected.
import { randomBytes } from 'node:crypto'

import { afterEach, expect, it } from 'vitest'

import { hireEvent, signPinpoint } from '../../sandbox/index.ts'
import { quarantineToAdmit } from '../../src/app/operator.ts'
import { newEventId } from '../../src/base/ids.ts'
import { readEvent } from '../../src/intake/read-event.ts'
import { handlers } from '../../src/integrations/registry.ts'
import { silentLog } from '../../src/observe/log.ts'
import { openPool } from '../../src/postgres/database.ts'
import { inTransaction } from '../../src/postgres/transaction.ts'
import { verifyAgain } from '../../src/quarantine/verify-again.ts'
import { storeFound } from '../../src/sweeps/store/found-events.ts'
import { runCommand } from '../support/command-line.ts'
import { expectExactly } from '../support/oracle.ts'
import { until } from '../support/until.ts'
import { openWorld, signingSecret, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const command = (...line: string[]) => runCommand(['quarantine', ...line], world.env)
const json = async (...line: string[]) => {
  const { out, json } = await command(...line, '--json')
  expect(out).not.toBe('')
  return json
}
const failure = async (...line: string[]) => {
  const { code, out, json } = await command(...line, '--json')
  expect(out).toBe('')
  return { code, ...(json as { readonly error: unknown }) }
}
const quarantine = () => quarantineToAdmit(world.store, { handlers, log: silentLog })
const kept = (count: number) =>
  until(`${count} in quarantine`, async () => {
    const all = await quarantine().admin.list({ limit: 1000 })
    return all.length === count && all
  })
const events = () => world.store.runs.listEvents({ limit: 100 })
const verify = async () => {
  const tenant = await world.store.tenants.open('acme')
  return verifyAgain(quarantine(), tenant === undefined ? [] : [tenant])
}

/** The tenant's secret here is an older one than Pinpoint signs with. */
const openWithOldSecret = async () => openWorld({ signingSecrets: ['an_older_signing_secret'] })
const correct = () => world.apply({ signingSecrets: ['an_older_signing_secret', signingSecret] })

function hire() {
  const { id, job } = world.sandbox.pinpoint.addApplication()
  return hireEvent(id, job.id)
}

it('refused hires are kept, verified by command when the secret is right, and made once', async () => {
  world = await openWithOldSecret()
  const [first, second] = [hire(), hire()]
  for (const body of [first, second, first]) expect((await world.send(body)).status).toBe(401)
  await kept(2)
  await until('the third is counted', async () =>
    (await quarantine().admin.list({ limit: 2 })).some(({ deliveries }) => deliveries === 2),
  )
  const list = (await json('list', '--tenant', 'acme')) as { readonly id: string }[]
  expect(list).toMatchObject([
    { tenant: 'acme', asked: '*', signature: 'wrong' },
    { tenant: 'acme', asked: '*', signature: 'wrong' },
  ])
  const id = list[0]?.id ?? ''
  expect(await json('show', id)).toMatchObject({ id, verifies: false })
  expect(await json('verify')).toEqual({ admitted: [], stillWrong: 2, unreadable: 0 })
  expect(await events()).toEqual([])

  await correct()
  expect(await json('show', id)).toMatchObject({ id, verifies: true })
  // Pinpoint has sent the first one again meanwhile: its quarantined delivery is a duplicate.
  const sent = await until('the service knows the new secret', async () => {
    const response = await world.send(first)
    return response.status === 200 && ((await response.json()) as { readonly event: string })
  })
  const result = await json('verify', '--tenant', 'acme')
  expect(result).toMatchObject({ stillWrong: 0, unreadable: 0 })
  const { admitted } = result as { readonly admitted: readonly object[] }
  expect(admitted).toHaveLength(2)
  expect(admitted).toContainEqual(expect.objectContaining({ event: sent.event, duplicate: true, runs: 0 }))
  expect(admitted).toContainEqual(
    expect.objectContaining({ tenant: 'acme', name: 'application_hired', duplicate: false, runs: 1 }),
  )
  expect((await world.settled(2)).map(({ state }) => state)).toEqual(['done', 'done'])
  expectExactly(world, 2)
  expect((await events()).map(({ origin }) => origin).sort()).toEqual(['quarantine', 'webhook'])
  expect(await json('list')).toEqual([])
  expect(await json('verify')).toEqual({ admitted: [], stillWrong: 0, unreadable: 0 })
})

it('commands tell of an unknown tenant or delivery, ask before they delete, and print no body', async () => {
  world = await openWithOldSecret()
  await world.send(hire())
  await kept(1)
  expect(await failure('verify', '--tenant', 'nobody')).toMatchObject({
    code: 1,
    error: { code: 'tenants.unknown_tenant' },
  })
  expect(await failure('show', 'qua_nothing')).toMatchObject({
    code: 1,
    error: { code: 'intake.not_in_quarantine' },
  })
  expect(await failure('purge')).toMatchObject({
    code: 2,
    error: { code: 'cli.not_confirmed' },
  })
  const { code, out } = await command('list')
  expect({ code, lines: out.split('\n').length }).toMatchObject({ code: 0 })
  expect(out).toMatch(/acme +wrong/)
  expect(out).not.toContain('application_hired')
  expect(await json('purge', '--tenant', 'acme', '--yes')).toEqual({ purged: 1 })
})

it('a delivery whose address names no tenant is kept for the installation, and admitted for whoever signed it', async () => {
  world = await openWithOldSecret()
  const body = hire()
  const answer = await fetch(`${world.service?.url ?? ''}/webhooks/pinpoint?integration=hibob`, {
    method: 'POST',
    body,
    headers: { 'PINPOINT-HMAC-SHA256': signPinpoint(signingSecret, body) },
  })
  expect(answer.status).toBe(401)
  expect(await kept(1)).toMatchObject([{ tenant: null, asked: 'hibob' }])
  await correct()
  expect(await verify()).toMatchObject({ admitted: [{ tenant: 'acme', duplicate: false, runs: 1 }] })
})

it('a process that is killed between admitting and removing leaves a duplicate, not a second event', async () => {
  world = await openWithOldSecret()
  await world.send(hire())
  await kept(1)
  await correct()
  const { admin, admit } = quarantine()
  const tenant = await world.store.tenants.open('acme')
  const dead = { ...admin, remove: () => Promise.reject(new Error('killed')) }
  await expect(verifyAgain({ admin: dead, admit }, tenant === undefined ? [] : [tenant])).rejects.toThrow(
    'killed',
  )
  expect(await verify()).toMatchObject({ admitted: [{ duplicate: true, runs: 0 }] })
  expect(await events()).toHaveLength(1)
  expect(await kept(0)).toEqual([])
})

it('a hire that a sweep has found meanwhile is a duplicate', async () => {
  world = await openWithOldSecret()
  const body = hire()
  await world.send(body)
  await kept(1)
  await correct()
  const tenant = await world.store.tenants.open('acme')
  if (tenant === undefined) throw new Error('there is no acme')
  const { pool } = world.store.database
  const event = { tenant, ...readEvent(Buffer.from(body)), handledBy: ['hibob'] }
  const swept = { ...event, identity: randomBytes(32) }
  await inTransaction(pool, (client) =>
    storeFound({ ...world.store, client }, [
      {
        id: newEventId(),
        origin: 'sweep',
        event: swept,
        sealedBody: Buffer.of(),
        asked: ['*'],
        deliveries: 0,
      },
    ]),
  )
  expect(await verify()).toMatchObject({ admitted: [{ duplicate: true, runs: 0 }] })
  expect(await events()).toMatchObject([{ origin: 'sweep', deliveries: 1 }])
})

it('five who verify at once admit each delivery once', async () => {
  world = await openWithOldSecret()
  for (let i = 0; i < 20; i++) await world.send(hire())
  await kept(20)
  await correct()
  const results = await Promise.all(Array.from({ length: 5 }, () => verify()))
  const fresh = results.flatMap(({ admitted }) => admitted).filter(({ duplicate }) => !duplicate)
  expect(fresh).toHaveLength(20)
  expect(await events()).toHaveLength(20)
})

it('what has no signature, or asks for an integration that does not exist, is never admitted', async () => {
  world = await openWithOldSecret()
  expect((await world.send(hire(), { signature: '' })).status).toBe(401)
  expect((await world.send(hire(), { query: '?integration=nothing' })).status).toBe(401)
  expect(await kept(1)).toMatchObject([{ signature: 'missing' }])
  await correct()
  expect(await verify()).toEqual({ admitted: [], stillWrong: 0, unreadable: 0 })
  expect(await events()).toEqual([])
})

it('refused and honest deliveries are answered while nothing can be written into quarantine', async () => {
  world = await openWorld()
  const pool = openPool(world.env['DATABASE_URL'] ?? '', 1)
  const blocker = await pool.connect()
  try {
    await blocker.query('begin; lock table quarantine in access exclusive mode')
    for (let i = 0; i < 30; i++) {
      expect((await world.send(hire(), { signature: 'wrong' })).status).toBe(401)
      expect((await world.send(hire())).status).toBe(200)
    }
  } finally {
    await blocker.query('rollback')
    blocker.release()
    await pool.end()
  }
})
