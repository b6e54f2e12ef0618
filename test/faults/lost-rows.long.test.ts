/** The database knows nothing of a hire that is done, and what HiBob is searched by has changed: what the comment tells. */
import { afterEach, describe, expect, it } from 'vitest'

import { runCommand } from '../support/command-line.ts'
import { expectExactly } from '../support/oracle.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const hour = 3_600_000
const longAgo = new Date(Date.now() - 5 * hour).toISOString()

/** As after a restore to a time before all of it: tenants and connections are known, hires are not. */
const loseHires = () => world.store.database.pool.query('truncate events, runs, effects cascade')

const sweep = (...more: readonly string[]) =>
  runCommand(['sweep', '--tenant', 'acme', '--since', '30d', '--json', ...more], world.env)

const employees = () => world.sandbox.ledger().employees

describe('a hire of whom the database has lost everything, and whose e-mail was changed in HiBob', () => {
  it('is known again by our comment: no second employee, CV or comment', async () => {
    world = await openWorld()
    const id = await world.hire({ email: 'ada@example.com', hiredAt: longAgo })
    await world.settled(1)
    const [made] = employees()
    await loseHires()
    world.sandbox.hibob.setEmail(made?.id ?? '', 'ada.example@company.example')

    expect(await sweep()).toMatchObject({ json: { missing: 1 } })
    const [run] = await world.settled(1)
    expect(run).toMatchObject({ subject: id, state: 'done', result: { recordId: made?.id, how: 'adopted' } })
    expectExactly(world, 1)

    // The same without a lost database: the candidate's e-mail is corrected in Pinpoint, so that the ledger has another key.
    world.sandbox.pinpoint.changeApplication(id, { email: 'ada.corrected@example.com' })
    const event = run?.event ?? ''
    expect(await runCommand(['preview', event, '--json'], world.env)).toMatchObject({
      json: { nothingToDo: 1, wouldMake: {} },
    })
    await world.store.runs.replay(event, ['hibob'])
    await world.settled(2)
    expectExactly(world, 1)
  })

  it('is made, when HiBob has nobody of the id that a comment tells', async () => {
    world = await openWorld()
    const { id } = world.sandbox.pinpoint.addApplication({ hiredAt: longAgo })
    for (const other of ['3397352260643999999', '117', 'per_7'])
      world.sandbox.pinpoint.addComment(id, `Record created with ID: ${other}`)
    await sweep()
    expect(await world.settled(1)).toMatchObject([{ state: 'done', result: { how: 'created' } }])
    expectExactly(world, 1, { comments: 4 })
  })

  it.each([
    ['somebody else', { firstName: 'Bob', surname: 'Other' }, 'hibob.other_employee'],
    ['somebody who has left', { firstName: 'Ada', status: 'Inactive' as const }, 'hibob.former_employee'],
  ])('is decided by a person, when the comment names %s', async (_who, other, code) => {
    world = await openWorld()
    const stranger = world.sandbox.hibob.addEmployee({ email: 'other@example.com', ...other })
    const { id } = world.sandbox.pinpoint.addApplication({
      firstName: 'Ada',
      lastName: 'Example',
      email: 'ada@example.com',
      hiredAt: longAgo,
    })
    world.sandbox.pinpoint.addComment(id, `Record created with ID: ${stranger.id}`)
    await sweep()
    const [run] = await world.settled(1)
    expect(run).toMatchObject({ state: 'parked', code })
    expectExactly(world, 0, { comments: 1 })

    // The way out that the fix names: the hire is in HiBob by hand.
    world.sandbox.hibob.addEmployee({ email: 'ada@example.com' })
    await world.store.runs.queueAgain(run?.id ?? '', ['parked'])
    expect(await world.settled(1)).toMatchObject([{ state: 'done', result: { how: 'found' } }])
    expectExactly(world, 0, { documents: 1, comments: 2 })
  })
})

it('a restore to the moment after the employee was recorded makes no second CV: only its own attempt knows that there is none', async () => {
  world = await openWorld()
  await world.hire()
  const [run] = await world.settled(1)
  const { pool } = world.store.database
  await pool.query(`delete from effects where kind = 'document'`)
  await pool.query(`delete from steps where title like 'CV%'`)
  await pool.query(
    `update runs set state = 'parked', finished_at = null, resumes_on = 'person', turn = turn + 1 where id = $1`,
    [run?.id],
  )
  await world.store.runs.queueAgain(run?.id ?? '', ['parked'])
  expect(await world.settled(1)).toMatchObject([{ state: 'done', attempt: 2, result: { how: 'created' } }])
  expectExactly(world, 1)
})

it('a fresh hire costs no call more', async () => {
  world = await openWorld()
  await world.hire()
  await world.settled(1)
  expect(world.sandbox.calls.count('pinpoint', 'comments.list')).toBe(0)
})
