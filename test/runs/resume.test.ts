/** A change and what goes on because of it are one commit: a database that is lost in between has done neither. */
import { afterEach, beforeEach, expect, it } from 'vitest'

import { DatabaseAway } from '../../src/postgres/transaction.ts'
import { createConnectionStore } from '../../src/tenants/store/connections.ts'
import { createDeclarationStore } from '../../src/tenants/store/declarations.ts'
import { claim, onlyJob, parked } from '../contracts/stores/harness.ts'
import { openSpine, type Spine } from '../support/spine.ts'

let spine: Spine
beforeEach(async () => {
  spine = await openSpine()
})
afterEach(() => spine.close())

/** Paused, with one run that is parked until that changes. */
async function parkOne(): Promise<string> {
  await spine.hire('1', { asked: 'hibob' })
  const { run, job } = await claim(spine, await onlyJob(spine))
  await spine.runs.settle(run.lease, job, { ...parked, pausesConnection: true })
  return run.lease.run
}

const stateOf = async (run: string) => (await spine.desk.showRun(run))?.run.state
const cutEverybody = () =>
  spine.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
  )

it('`apply`: cut between the change and its runs, nothing has changed; the next one resumes them', async () => {
  const run = await parkOne()
  const declarations = createDeclarationStore(spine)
  const { hibob } = spine.connections
  const cut = declarations.change(async (records) => {
    await records.find('acme')
    await cutEverybody()
    return records.resume([hibob])
  })
  await expect(cut).rejects.toBeInstanceOf(DatabaseAway)
  expect(await stateOf(run)).toBe('parked')

  expect(await declarations.change((records) => records.resume([hibob]))).toBe(1)
  expect(await stateOf(run)).toBe('queued')
})

it('`enable` and `check`: a failing queue takes the change back, and the next one resumes the runs', async () => {
  const run = await parkOne()
  const { hibob } = spine.connections
  const queue = { ...spine.queue, send: () => Promise.reject(new DatabaseAway(new Error('cut'))) }
  const cut = createConnectionStore({ ...spine, queue }).setEnabled(hibob, true)
  await expect(cut).rejects.toBeInstanceOf(DatabaseAway)
  expect(await stateOf(run)).toBe('parked')

  const enabled = await createConnectionStore(spine).setEnabled(hibob, true)
  expect(enabled).toEqual({ changed: true, resumed: 1 })
  expect(await stateOf(run)).toBe('queued')
})
