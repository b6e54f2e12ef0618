/** What goes on since its connection has changed: it follows from what is stored, whoever dies between the change and the runs. */
import { afterEach, beforeEach, expect, it } from 'vitest'

import { createCircuitStore } from '../../src/limits/store/circuits.ts'
import { resumeChanged } from '../../src/parking/store/changed-connections.ts'
import { createDatabaseRetry, DatabaseAway } from '../../src/postgres/transaction.ts'
import { createConnectionStore } from '../../src/tenants/store/connections.ts'
import { createDeclarationStore } from '../../src/tenants/store/declarations.ts'
import { claim, inAnHour, onlyJob, parked, waiting } from '../contracts/stores/harness.ts'
import { openSpine, type Spine } from '../support/spine.ts'

let spine: Spine
beforeEach(async () => {
  spine = await openSpine({ lent: false })
})
afterEach(() => spine.close())

/** Paused, with one run that is parked until that changes. */
async function parkOne(): Promise<string> {
  await spine.hire('1', { asked: 'hibob' })
  const { run, job } = await claim(spine, await onlyJob(spine))
  await spine.runs.settle(run.lease, job, { ...parked, pausesConnection: true })
  return run.lease.run
}

const stateOf = async (run: string) => (await spine.runAdmin.showRun(run))?.run.state
const cutEverybody = () =>
  spine.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
  )

const changed = () => resumeChanged(spine.pool, spine.queue)

it('`apply`: cut before its commit, nothing has changed; the next one resumes the runs', async () => {
  const run = await parkOne()
  const declarations = createDeclarationStore(spine)
  const { hibob } = spine.connections
  const cut = declarations.change(async (records) => {
    await records.find('acme')
    await cutEverybody()
    return records.resume([hibob])
  })
  await expect(cut).rejects.toBeInstanceOf(DatabaseAway)
  expect(await changed()).toBe(0)
  expect(await stateOf(run)).toBe('parked')

  expect(await declarations.change((records) => records.resume([hibob]))).toBe(1)
  expect(await changed()).toBe(1)
  expect(await stateOf(run)).toBe('queued')
})

it('`enable` and `check`: who made the change may die with it, and so may who resumes the runs; the next one does it', async () => {
  const run = await parkOne()
  const { hibob } = spine.connections
  expect(await createConnectionStore(spine).setEnabled(hibob, true)).toEqual({ changed: true, resumed: 1 })
  expect(await stateOf(run)).toBe('parked')

  const queue = { ...spine.queue, send: () => Promise.reject(new DatabaseAway(new Error('cut'))) }
  await expect(resumeChanged(spine.pool, queue)).rejects.toBeInstanceOf(DatabaseAway)
  expect(await stateOf(run)).toBe('parked')

  expect(await Promise.all([changed(), changed(), changed()])).toHaveLength(3)
  expect(await stateOf(run)).toBe('queued')
  expect(await spine.queue.fetch(5)).toHaveLength(1)
})

it('a connection that is paused or off again meanwhile leaves its runs parked, until that ends', async () => {
  const run = await parkOne()
  const { hibob } = spine.connections
  const connections = createConnectionStore(spine)
  await connections.setEnabled(hibob, true)
  await connections.setEnabled(hibob, false)
  expect(await changed()).toBe(0)
  expect(await stateOf(run)).toBe('parked')
  await connections.setEnabled(hibob, true)
  expect(await changed()).toBe(1)
})

it('more runs than one transaction takes all go on', async () => {
  const run = await parkOne()
  await spine.pool.query(
    `insert into runs (id, tenant_id, connection_id, event_id, integration, subject, generation, state, resumes_on, connection_revision)
     select id || '_' || more, tenant_id, connection_id, event_id, integration, subject, more, state, resumes_on, connection_revision
     from runs cross join generate_series(1, 1200) as more`,
  )
  await createConnectionStore(spine).setEnabled(spine.connections.hibob, true)
  expect(await changed()).toBe(1201)
  expect(await stateOf(run)).toBe('queued')
})

it('a circuit of a connection that has changed is closed, and what waits for it goes on', async () => {
  const { hibob } = spine.connections
  await spine.hire('1', { asked: 'hibob' })
  const { run, job } = await claim(spine, await onlyJob(spine))
  await spine.runs.settle(run.lease, job, waiting({ kind: 'outage', nextAt: inAnHour() }))
  const circuits = createCircuitStore({ ...spine, withDatabaseRetry: createDatabaseRetry(async () => {}) })
  const circuit = { destination: 'hibob', ofEffects: false, code: 'hibob.unavailable', reason: 'Down.' }
  await circuits.open(hibob, circuit)
  expect(await changed()).toBe(0)
  await createDeclarationStore(spine).change((records) => records.resume([hibob]))
  expect(await changed()).toBe(1)
  expect(await circuits.close(hibob)).toBeUndefined()
  expect(await spine.queue.fetch(5)).toHaveLength(1)
})
