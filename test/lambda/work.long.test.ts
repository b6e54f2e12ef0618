import { describe, expect, it } from 'vitest'

import { hireEvent } from '../../sandbox/index.ts'
import { freshDatabase } from '../support/database.ts'
import { expectExactly } from '../support/oracle.ts'
import { until } from '../support/until.ts'
import { deliveryEvent, invokeUrl } from './events.ts'
import { type Functions, useFunctions } from './functions.ts'
import { type Instance, InstanceDied } from './lambda-instance.ts'
import { clientOrReason } from './ric.ts'

const client = await clientOrReason()
const payload = { source: 'invoke' }
const everyMinute = { source: 'aws.events', 'detail-type': 'Scheduled Event' }

describe.skipIf(!client.ok)('the work function under AWS’s own runtime client', () => {
  const open = useFunctions(client.ok ? client.program : '')
  let functions: Functions

  /** Delivers hires to a receive function. */
  async function deliver(...emails: readonly string[]): Promise<void> {
    await deliverTo(await functions.receive(), ...emails)
  }

  async function deliverTo(receive: Instance, ...emails: readonly string[]): Promise<void> {
    for (const email of emails) await deliverOne(functions, receive, email)
  }

  async function deliverOne({ world }: Functions, receive: Instance, email: string): Promise<void> {
    const { id, job } = world.sandbox.pinpoint.addApplication({ email })
    expect(await invokeUrl(receive, deliveryEvent(hireEvent(id, job.id)))).toMatchObject({ status: 200 })
  }

  /** The schedule, without the minute between two of its ticks. */
  const tickUntilDone = (work: Instance, runs: number, { world } = functions) =>
    until(
      `${runs} runs to be done`,
      async () => {
        await work.invoke(everyMinute)
        const all = await world.store.runs.listRuns({ limit: 100 })
        return all.length === runs && all.every(({ state }) => state === 'done')
      },
      90,
    )

  it('does the work that it is invoked for: one employee, one CV, one comment, and nothing more to do', async () => {
    functions = await open()
    await deliver('ada@example.com')
    const work = await functions.work()
    expect(await work.invoke(functions.aws.invocations[0]?.payload)).toEqual({
      due: 1,
      handedBack: 0,
      more: false,
    })
    expect(await functions.world.settled(1)).toMatchObject([{ state: 'done' }])
    expectExactly(functions.world, 1)
    expect(functions.aws.invocations).toHaveLength(1)
  })

  it('finds by its schedule the work of a lost invocation', async () => {
    functions = await open()
    functions.aws.lambda = 'fails'
    await deliver('ada@example.com', 'grace@example.com')
    const work = await functions.work()
    expect(await work.invoke(everyMinute)).toMatchObject({ due: 2, more: false })
    expectExactly(functions.world, 2)
  })

  it('resumes by its schedule what was parked until its connection changed', async () => {
    functions = await open()
    const { world } = functions
    world.sandbox.hibob.addCompany({ name: 'acme', denied: ['people.create'] })
    await deliver('ada@example.com')
    const work = await functions.work()
    await work.invoke(everyMinute)
    expect(await world.settled(1)).toMatchObject([{ state: 'parked', code: 'hibob.permission_missing' }])
    world.sandbox.hibob.addCompany({ name: 'acme' })
    const [connection] = (await world.store.connections.list('acme')).filter(
      ({ integration }) => integration === 'hibob',
    )
    expect(await world.store.connections.setEnabled(connection!.id, true)).toMatchObject({ resumed: 1 })
    expect(await work.invoke(everyMinute)).toMatchObject({ due: 0, more: false })
    expectExactly(world, 1)
  })

  it('M6: goes on with what was deferred as soon as its own work has made room, one after the other', async () => {
    const env = { TENANT_UNFINISHED_RUNS: '1' }
    functions = await open({ env })
    await deliverTo(await functions.receive(env), 'ada@example.com', 'grace@example.com', 'joan@example.com')
    expect(await functions.world.store.runs.listRuns({ limit: 5 })).toHaveLength(1)
    const work = await functions.work(env)
    expect(await work.invoke(everyMinute)).toMatchObject({ due: 1, more: false })
    expectExactly(functions.world, 3)
  })

  it('waits for a retry that is due soon instead of leaving it for the next minute', async () => {
    functions = await open()
    functions.world.sandbox.faults.add({
      system: 'hibob',
      operation: 'people.search',
      effect: { rateLimit: { resetInSeconds: 1 } },
    })
    await deliver('ada@example.com')
    const work = await functions.work()
    await work.invoke(payload)
    expect(await functions.world.settled(1, 1)).toMatchObject([{ state: 'done' }])
  })

  it('hands back what it cannot finish before its time is over, and another invocation finishes it', async () => {
    functions = await open()
    const held = functions.world.sandbox.faults.add({
      system: 'hibob',
      operation: 'people.search',
      effect: { hold: 'before' },
    })
    await deliver('ada@example.com')
    functions.aws.invocations.length = 0
    const work = await functions.work()
    expect(await work.invoke(payload, { milliseconds: 8_000 })).toEqual({ due: 1, handedBack: 1, more: true })
    expect(functions.aws.invocations).toEqual([{ functionName: 'the-work-function', type: 'Event', payload }])
    functions.world.sandbox.faults.remove(held.id)
    expect(await work.invoke(payload)).toMatchObject({ handedBack: 0, more: false })
    expect(await functions.world.settled(1, 1)).toMatchObject([{ state: 'done' }])
    expectExactly(functions.world, 1)
  }, 60_000)

  // Both wait half a minute at most, for a create that may still land.
  describe.concurrent('whose process is gone', () => {
    it.each(['after', 'before'] as const)(
      'killed by its time limit in the middle of a create, %s it was done: the next one takes over, one employee',
      (hold) =>
        open.within({ hibob: { readLagSeconds: 0 } }, async (own) => {
          const { faults } = own.world.sandbox
          const held = faults.add({ system: 'hibob', operation: 'people.create', effect: { hold } })
          await deliverOne(own, await own.receive(), 'ada@example.com')
          const killed = await own.work()
          const invocation = killed.invoke(payload).catch((error: unknown) => error)
          await faults.whenHeld(held.id)
          // Lambda ends the process without a word, at whatever moment the limit falls on.
          await killed.kill()
          expect(await invocation).toBeInstanceOf(InstanceDied)
          faults.remove(held.id)
          await tickUntilDone(await own.work(), 1, own)
          expectExactly(own.world, 1)
        }),
      120_000,
    )
  })

  it('is not disturbed by a freeze between two invocations, and leaves no connection behind in it', async () => {
    functions = await open({ database: await freshDatabase({ lent: false }) })
    await deliver('ada@example.com')
    const { pool } = functions.world.store.database
    const { rows } = await pool.query<{ now: Date }>('select clock_timestamp() as now')
    const work = await functions.work()
    await work.invoke(payload)
    work.freeze()
    await until('its connections to be gone', async () => {
      const { rows: opened } = await pool.query(
        'select from pg_stat_activity where datname = current_database() and backend_start > $1',
        [rows[0]?.now],
      )
      return opened.length === 0
    })
    await deliver('grace@example.com')
    await work.invoke(payload)
    expectExactly(functions.world, 2)
  })

  it('several at once share the work', async () => {
    functions = await open()
    const emails = Array.from({ length: 12 }, (_, index) => `person-${index}@example.com`)
    await deliver(...emails)
    const both = await Promise.all([functions.work(), functions.work()])
    await Promise.all(both.map((work) => work.invoke(payload)))
    expect(await functions.world.settled(12, 1)).toHaveLength(12)
    expectExactly(functions.world, 12)
  })

  it('sweeps by its schedule, and does what no webhook has told of', async () => {
    functions = await open()
    const hiredAt = new Date(Date.now() - 5 * 3_600_000).toISOString()
    functions.world.sandbox.pinpoint.addApplication({ email: 'ada@example.com', hiredAt })
    // The first sweep comes some hours after the tenant was made, and takes hires since the connection was enabled.
    const { pool } = functions.world.store.database
    await pool.query(`update tenants set created_at = now() - interval '1 day'`)
    await pool.query(`update connections set enabled_since = now() - interval '1 day'`)
    await tickUntilDone(await functions.work(), 1)
    expectExactly(functions.world, 1)
  })

  it('prunes what its tenant no longer keeps, and nothing younger', async () => {
    functions = await open()
    await deliver('ada@example.com', 'grace@example.com')
    const work = await functions.work()
    await work.invoke(payload)
    await functions.world.settled(2, 1)
    const { runs: runAdmin, database } = functions.world.store
    const [young, old] = await runAdmin.listEvents({ limit: 5 })
    // As if one of the two had come a day before its time was over, and nobody had pruned within the hour.
    const { pool } = database
    const age = async (days: number) => {
      const ago = `now() - interval '${days} days'`
      await pool.query(`update events set received_at = ${ago} where id = $1`, [old?.id])
      await pool.query(`update runs set finished_at = ${ago} where event_id = $1`, [old?.id])
      await pool.query('delete from scheduled_jobs')
    }
    const left = async () => (await runAdmin.listEvents({ limit: 5 })).map(({ id }) => id)
    await pool.query(`update tenants set keep_finished_seconds = $1`, [90 * 86_400])
    await age(89)
    await work.invoke(everyMinute)
    expect(await left()).toEqual([young?.id, old?.id])
    await age(91)
    expect(await work.invoke(everyMinute)).toEqual({ due: 0, handedBack: 0, more: false })
    expect(await left()).toEqual([young?.id])
    expect(await runAdmin.listRuns({ limit: 5 })).toMatchObject([{ event: young?.id, state: 'done' }])
    expect(work.output()).toMatch(/"events":1,"runs":1,"msg":"finished work pruned by age"/)
    expectExactly(functions.world, 2)
  })

  it('tells CloudWatch, at any log level, how long the oldest due run has waited', async () => {
    functions = await open()
    await deliver('ada@example.com')
    const work = await functions.work({ LOG_LEVEL: 'error' })
    await work.invoke(everyMinute)
    const line = work
      .output()
      .split('\n')
      .find((text) => text.includes('"_aws"'))
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      FunctionName: 'work',
      DueRuns: 1,
      OldestDueRunSeconds: expect.any(Number) as number,
      _aws: {
        CloudWatchMetrics: [
          {
            Namespace: 'PinpointWebhooks',
            Dimensions: [['FunctionName']],
            Metrics: [
              { Name: 'DueRuns', Unit: 'Count' },
              { Name: 'OldestDueRunSeconds', Unit: 'Seconds' },
            ],
          },
        ],
      },
    })
  })

  it('fails while its database is away, and works when a changed secret leads to one', async () => {
    functions = await open()
    await deliver('ada@example.com')
    const url = functions.world.env['DATABASE_URL'] ?? ''
    functions.aws.secrets.set('arn:database', 'postgresql://nobody@127.0.0.1:1/none')
    const work = await functions.work()
    await expect(work.invoke(everyMinute)).rejects.toThrow('store.database_away')
    functions.aws.secrets.set('arn:database', url)
    expect(await work.invoke(everyMinute)).toMatchObject({ due: 1, more: false })
    expectExactly(functions.world, 1)
  })
})
