// A connection that somebody has changed without telling anybody: whoever did it was killed between its commit and the notification.
import { afterEach, expect, it } from 'vitest'

import { expectExactly } from '../support/oracle.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

it('resumes its parked runs by itself, a moment later', async () => {
  world = await openWorld()
  world.sandbox.hibob.addCompany({ name: 'acme', denied: ['people.create'] })
  await world.hire()
  expect(await world.settled(1)).toMatchObject([{ state: 'parked', code: 'hibob.permission_missing' }])
  world.sandbox.hibob.addCompany({ name: 'acme' })
  await world.store.database.pool.query(
    `update connections set paused_code = null, paused_reason = null, paused_fix = null, paused_at = null, revision = revision + 1
     where integration = 'hibob'`,
  )
  const { id } = (await world.store.runs.listRuns({ limit: 1 }))[0] ?? { id: '' }
  const shown = await until('the run to be done', async () => {
    const now = await world.store.runs.showRun(id)
    return now?.run.state === 'done' && now
  })
  expect(shown.timeline.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['parked', 'queued', 'done']))
  expectExactly(world, 1)
})
