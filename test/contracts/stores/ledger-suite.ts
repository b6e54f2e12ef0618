/** What the ledger promises: one row for one thing, one run on it at a time, and what was attempted is not forgotten. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type EffectName, LeaseLost, type LedgerRow } from '../../../src/runs/ports.ts'
import type { Decision, Lease } from '../../../src/runs/run.ts'
import {
  claim,
  type Claimed,
  done,
  hiredAndClaimed,
  laterMoment,
  onlyJob,
  type OpenStores,
  parked,
  type Stores,
  waiting,
} from './harness.ts'

export function ledgerSuite(open: OpenStores): void {
  let stores: Stores
  beforeEach(async () => {
    stores = await open()
  })
  afterEach(() => stores.close())

  const employee = (key = 'ada@example.com') => {
    return { connection: stores.connectionIds.hibob, kind: 'employee', key, title: 'Employee' }
  }
  const ofApplication = (application: string, key?: string) => ({ ...employee(key), application })
  async function held(lease: Lease, name: string | EffectName = employee()): Promise<LedgerRow> {
    const row = await stores.ledger.hold(lease, typeof name === 'string' ? employee(name) : name)
    if ('heldBy' in row) throw new Error(`${row.heldBy} is on it`)
    return row
  }

  it('a new row is intended and nothing was attempted', async () => {
    const { run } = await hiredAndClaimed(stores)
    expect(await held(run.lease)).toMatchObject({
      state: 'intended',
      announced: false,
      attemptedAgo: undefined,
      existsAgo: undefined,
    })
  })

  it('spellings of one key are one row, other kinds and connections are others', async () => {
    const { run } = await hiredAndClaimed(stores)
    const { id } = await held(run.lease)
    expect((await held(run.lease, ' Ada@Example.com ')).id).toBe(id)
    const others = [
      { ...employee(), kind: 'document' },
      { ...employee(), connection: stores.connectionIds.webhook },
    ]
    for (const other of others) {
      const row = await stores.ledger.hold(run.lease, other)
      expect('id' in row && row.id).not.toBe(id)
    }
  })

  it('an attempt is remembered with its age, also by the next try', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    await stores.ledger.attempt(run.lease, (await held(run.lease)).id)
    await stores.runs.settle(run.lease, job, waiting())
    const next = await claim(stores, await onlyJob(stores))
    const { attemptedAgo } = await held(next.run.lease)
    expect(attemptedAgo).toBeGreaterThanOrEqual(0)
    expect(attemptedAgo).toBeLessThan(20)
  })

  it('a clear no takes the attempt back', async () => {
    const { run } = await hiredAndClaimed(stores)
    const { id } = await held(run.lease)
    await stores.ledger.attempt(run.lease, id)
    await stores.ledger.notMade(run.lease, id)
    expect(await held(run.lease)).toMatchObject({ state: 'intended', attemptedAgo: undefined })
  })

  it('that a call was announced is never forgotten: not by a clear no, not when the run is resumed', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    const { id } = await held(run.lease)
    await stores.ledger.attempt(run.lease, id)
    expect(await held(run.lease)).toMatchObject({ announced: true })
    await stores.ledger.notMade(run.lease, id)
    expect(await held(run.lease)).toMatchObject({ announced: true })
    await stores.runs.settle(run.lease, job, parked)
    await stores.runAdmin.queueAgain(run.lease.run, ['parked'])
    const next = await claim(stores, await onlyJob(stores))
    expect(await held(next.run.lease)).toMatchObject({ announced: true })
  })

  it('"it exists" is remembered in the attempt’s place', async () => {
    const { run } = await hiredAndClaimed(stores)
    const { id } = await held(run.lease)
    await stores.ledger.attempt(run.lease, id)
    await stores.ledger.exists(run.lease, id)
    const row = await held(run.lease)
    expect(row.attemptedAgo).toBeUndefined()
    expect(row.existsAgo).toBeGreaterThanOrEqual(0)
  })

  it('calls without a clear no are counted, whoever made them, and the last one says why', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    const { id } = await held(run.lease)
    await stores.ledger.attempt(run.lease, id)
    await stores.ledger.unclear(run.lease, id, { code: 'x.down', message: 'x answered 500.' })
    await stores.ledger.attempt(run.lease, id)
    await stores.ledger.notMade(run.lease, id)
    // As when its answer was lost, and it is said again.
    await stores.ledger.notMade(run.lease, id)
    await stores.ledger.attempt(run.lease, id)
    expect(await held(run.lease)).toMatchObject({
      makes: 2,
      last: { code: 'x.down', message: 'x answered 500.' },
    })
    const other = await stores.runs.claim({ ...job, delivery: job.delivery + 1 }, 'other')
    expect(await held(other!.lease)).toMatchObject({ makes: 2 })
  })

  it('what was counted and told is forgotten when the run is resumed, but not that a call is under way', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    const { id } = await held(run.lease)
    await stores.ledger.exists(run.lease, id)
    await stores.ledger.attempt(run.lease, id)
    await stores.ledger.unclear(run.lease, id, { code: 'x.down', message: 'x answered 500.' })
    await stores.runs.settle(run.lease, job, parked)
    await stores.runAdmin.queueAgain(run.lease.run, ['parked'])
    const next = await claim(stores, await onlyJob(stores))
    const row = await held(next.run.lease)
    expect(row).toMatchObject({ makes: 0, last: undefined, existsAgo: undefined })
    expect(row.attemptedAgo).toBeGreaterThanOrEqual(0)
    await stores.ledger.attempt(next.run.lease, id)
    expect(await held(next.run.lease)).toMatchObject({ makes: 1 })
  })

  it('what is done stays done for every later run, with who made it', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    const { id } = await held(run.lease)
    await stores.ledger.done(run.lease, id, { id: '77', how: 'created' })
    await stores.runs.settle(run.lease, job, done)
    const later = await hiredAndClaimed(stores, '2')
    expect(await held(later.run.lease)).toMatchObject({
      id,
      state: 'done',
      how: 'created',
      remoteId: '77',
      madeBy: run.lease.run,
    })
  })

  it('names the unfinished run that is on the row, and gives it when that one has ended', async () => {
    const first = await hiredAndClaimed(stores, '1')
    const second = await hiredAndClaimed(stores, '2')
    const { id } = await held(first.run.lease)
    await stores.ledger.attempt(first.run.lease, id)
    expect(await stores.ledger.hold(second.run.lease, employee(' ADA@example.com'))).toEqual({
      heldBy: first.run.lease.run,
    })
    await stores.runs.settle(first.run.lease, first.job, {
      state: 'parked',
      code: 'x.y',
      reason: 'No.',
      fix: 'Mend it.',
      resumesOn: 'person',
      pausesConnection: false,
    })
    const row = await held(second.run.lease)
    expect(row.id).toBe(id)
    expect(row.attemptedAgo).toBeGreaterThanOrEqual(0)
  })

  it('what is done is told to everybody at once, also while a run is on the row', async () => {
    const first = await hiredAndClaimed(stores, '1')
    const second = await hiredAndClaimed(stores, '2')
    const { id } = await held(first.run.lease)
    await stores.ledger.done(first.run.lease, id, { id: '77', how: 'created' })
    expect(await held(second.run.lease)).toMatchObject({ state: 'done', remoteId: '77' })
    expect(await held(first.run.lease)).toMatchObject({ state: 'done', remoteId: '77' })
  })

  it('stays with a run that waits', async () => {
    const first = await hiredAndClaimed(stores, '1')
    const second = await hiredAndClaimed(stores, '2')
    await held(first.run.lease)
    const nextAt = new Date(Date.now() + 60_000)
    await stores.runs.settle(first.run.lease, first.job, waiting({ nextAt }))
    const row = await stores.ledger.hold(second.run.lease, employee())
    expect(row).toEqual({ heldBy: first.run.lease.run })
  })

  it('what is done brings its line of the timeline along, for the next try', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    const { id } = await held(run.lease)
    const line = {
      title: 'Employee',
      outcome: 'created',
      output: '{"id":"77"}',
      remoteId: '77',
      attempt: 1,
      startedAt: new Date(),
    }
    await stores.ledger.done(run.lease, id, { id: '77', how: 'created', line })
    await stores.runs.settle(run.lease, job, waiting())
    const next = await claim(stores, await onlyJob(stores))
    expect(next.run.journal.get('Employee')).toEqual({ outcome: 'created', output: '{"id":"77"}' })
  })

  describe('with a mapping', () => {
    const line = (how: string) => {
      const remoteId = '77'
      return { title: 'Employee', outcome: how, output: '{}', remoteId, attempt: 1, startedAt: new Date() }
    }
    const told = async ({ lease: { run } }: Pick<Claimed['run'], 'lease'>) => {
      const timeline = (await stores.runAdmin.showRun(run))?.timeline ?? []
      return timeline.find(({ kind }) => kind === 'step')
    }

    it('what was made has the version with which its call was announced, whatever version the answer meets', async () => {
      const { run } = await hiredAndClaimed(stores)
      const { id } = await held(run.lease)
      await stores.ledger.attempt({ ...run.lease, mappingVersion: 3 }, id)
      const later = { ...run.lease, mappingVersion: 4 }
      await stores.ledger.done(later, id, { id: '77', how: 'adopted', line: line('adopted') })
      const entry = await told(run)
      expect(entry).toMatchObject({ mappingVersion: 3 })
      expect(entry?.text).toMatch(/\(77\), mapping version 3$/)
    })

    it('what was found has none, nor what was made without a mapping', async () => {
      const { run } = await hiredAndClaimed(stores)
      const { id } = await held(run.lease)
      await stores.ledger.attempt({ ...run.lease, mappingVersion: 3 }, id)
      await stores.ledger.notMade(run.lease, id)
      await stores.ledger.done(run.lease, id, { id: '77', how: 'found', line: line('found') })
      expect(await told(run)).toMatchObject({ text: 'Employee: found (77)' })
      expect(await told(run)).not.toHaveProperty('mappingVersion')
    })

    it('the timeline names the record that is made after another one', async () => {
      const { run } = await hiredAndClaimed(stores)
      const { id } = await held(run.lease)
      await stores.ledger.done(run.lease, id, { id: '77', how: 'created', line: line('created') })
      const next = { ...line('created'), remoteId: '88' }
      await stores.ledger.done(run.lease, id, { id: '88', how: 'created', line: next })
      expect(await told(run)).toMatchObject({ text: 'Employee: created (88)' })
    })

    it('a run that parks says by which version it was judged', async () => {
      const { run, job } = await hiredAndClaimed(stores)
      await stores.runs.settle({ ...run.lease, mappingVersion: 5 }, job, parked)
      const shown = await stores.runAdmin.showRun(run.lease.run)
      expect(shown?.run).toMatchObject({ state: 'parked', mappingVersion: 5 })
    })
  })

  it('of many who come at once each gets its own row, and two about one person get it one after the other', async () => {
    const people = ['ada', 'grace', 'joan', 'ada']
    const claimed: Claimed[] = []
    for (const index of people.keys()) claimed.push(await hiredAndClaimed(stores, String(index + 1)))
    const rows = await Promise.all(
      claimed.map(({ run }, index) =>
        stores.ledger.hold(run.lease, employee(`${people[index]}@example.com`)),
      ),
    )
    const ids = rows.flatMap((row) => ('id' in row ? [row.id] : []))
    expect(new Set(ids).size).toBe(3)
    expect(rows[3]).toEqual({ heldBy: claimed[0]?.run.lease.run })
    const [lost, ...rest] = claimed
    await stores.runAdmin.cancel(lost!.run.lease.run, ['running'])
    const written = await Promise.allSettled(
      [lost!, ...rest.slice(0, 2)].map(({ run }, index) => stores.ledger.attempt(run.lease, ids[index]!)),
    )
    expect(written.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  })

  it('a worker that was taken over writes nothing', async () => {
    const { run: late, job } = await hiredAndClaimed(stores)
    const { id } = await held(late.lease)
    const owner = await claim(stores, { ...job, delivery: job.delivery + 1 }, 'owner')
    const { ledger } = stores
    const ensured = { id: '77', how: 'created' } as const
    await expect(ledger.hold(late.lease, employee())).rejects.toThrow(LeaseLost)
    await expect(ledger.attempt(late.lease, id)).rejects.toThrow(LeaseLost)
    await expect(ledger.notMade(late.lease, id)).rejects.toThrow(LeaseLost)
    await expect(ledger.exists(late.lease, id)).rejects.toThrow(LeaseLost)
    await expect(ledger.done(late.lease, id, ensured)).rejects.toThrow(LeaseLost)
    expect(await held(owner.run.lease)).toMatchObject({ state: 'intended', attemptedAgo: undefined })
  })

  it('a run that is not on the row writes nothing to it, though it has its lease', async () => {
    const first = await hiredAndClaimed(stores, '1')
    const second = await hiredAndClaimed(stores, '2')
    const { id } = await held(first.run.lease)
    await expect(stores.ledger.attempt(second.run.lease, id)).rejects.toThrow(LeaseLost)
  })

  it('tells for which application a row was made, and when', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    const row = await held(run.lease, ofApplication(run.subject))
    expect(row).toMatchObject({ state: 'intended', madeAt: undefined, madeAgo: undefined })
    await stores.ledger.done(run.lease, row.id, { id: '77', how: 'created' })
    await stores.runs.settle(run.lease, job, done)
    const later = await hiredAndClaimed(stores, '2')
    const { madeFor, madeAt, madeAgo } = await held(later.run.lease)
    expect(madeFor).toBe(run.subject)
    expect([typeof madeAt, madeAgo]).toEqual(['number', expect.closeTo(0, -2)])
  })

  describe('what a person has decided of a run', () => {
    /** Done by the first run; the second one has parked on it, and is resumed with the decision. */
    async function decided(decision: Decision) {
      const first = await hiredAndClaimed(stores, '1')
      const { id } = await held(first.run.lease, ofApplication('1'))
      await stores.ledger.attempt(first.run.lease, id)
      await stores.ledger.done(first.run.lease, id, { id: '77', how: 'created' })
      await stores.runs.settle(first.run.lease, first.job, done)
      const second = await hiredAndClaimed(stores, '2')
      await laterMoment()
      await stores.runs.settle(second.run.lease, second.job, parked)
      await laterMoment()
      await stores.runAdmin.queueAgain(second.run.lease.run, ['parked'], { decision })
      return { id, first: first.run, ...(await claim(stores, await onlyJob(stores))) }
    }
    const makeAgain = { is: 'make_again' } as const
    const blank = { state: 'intended', remoteId: undefined, how: undefined, madeBy: undefined }

    it('takes a row that another run had done, and forgets what stood there', async () => {
      const { id, run } = await decided(makeAgain)
      expect(run.decision).toMatchObject({ decision: makeAgain })
      await stores.ledger.free(run.lease, id)
      const row = await held(run.lease, ofApplication(run.subject))
      const forgotten = { ...blank, attemptedAgo: undefined, existsAgo: undefined }
      expect(row).toMatchObject({ ...forgotten, id, madeFor: run.subject })
      expect(row.madeAt).toBeGreaterThanOrEqual(run.decision?.before ?? Infinity)
    })

    it('names another record for a row that another run had done', async () => {
      const { id, run } = await decided({ is: 'record', record: '88' })
      await stores.ledger.done(run.lease, id, { id: '88', how: 'found' })
      const row = { state: 'done', remoteId: '88', how: 'found', madeBy: run.lease.run, madeFor: run.subject }
      expect(await held(run.lease)).toMatchObject(row)
    })

    it('does not touch what was made since the run parked', async () => {
      const { id, run, job } = await decided(makeAgain)
      await stores.ledger.free(run.lease, id)
      await stores.runs.settle(run.lease, job, parked)
      const third = await hiredAndClaimed(stores, '3')
      await held(third.run.lease)
      await laterMoment()
      await stores.ledger.done(third.run.lease, id, { id: '99', how: 'created' })
      await stores.runs.settle(third.run.lease, third.job, done)
      await laterMoment()
      // Decided again, of a run that had parked before: what the other has made since, nobody has decided of.
      await stores.runAdmin.queueAgain(run.lease.run, ['parked'], { decision: makeAgain })
      const again = await claim(stores, await onlyJob(stores))
      await expect(stores.ledger.free(again.run.lease, id)).rejects.toThrow(LeaseLost)
      expect(await held(again.run.lease)).toMatchObject({ state: 'done', remoteId: '99' })
    })

    it('leaves a call that is under way in a row of its own', async () => {
      const { run, job } = await hiredAndClaimed(stores)
      const { id } = await held(run.lease)
      await stores.ledger.attempt(run.lease, id)
      await stores.runs.settle(run.lease, job, parked)
      await laterMoment()
      await stores.runAdmin.queueAgain(run.lease.run, ['parked'], { decision: makeAgain })
      const again = await claim(stores, await onlyJob(stores))
      await stores.ledger.free(again.run.lease, id)
      expect((await held(again.run.lease)).attemptedAgo).toBeGreaterThanOrEqual(0)
    })

    it('is another run’s: nobody else takes the row', async () => {
      const { id, first } = await decided(makeAgain)
      const other = await hiredAndClaimed(stores, '3')
      await expect(stores.ledger.free(other.run.lease, id)).rejects.toThrow(LeaseLost)
      await expect(stores.ledger.done(other.run.lease, id, { id: '5', how: 'found' })).rejects.toThrow(
        LeaseLost,
      )
      expect(await held(other.run.lease)).toMatchObject({ state: 'done', madeBy: first.lease.run })
    })
  })

  it('a cancelled run lets go of the row, and what it attempted is remembered', async () => {
    const first = await hiredAndClaimed(stores, '1')
    const { id } = await held(first.run.lease)
    await stores.ledger.attempt(first.run.lease, id)
    await stores.runAdmin.cancel(first.run.lease.run, ['running'])
    await expect(stores.ledger.done(first.run.lease, id, { id: '7', how: 'created' })).rejects.toThrow(
      LeaseLost,
    )
    const second = await hiredAndClaimed(stores, '2')
    expect((await held(second.run.lease)).attemptedAgo).toBeGreaterThanOrEqual(0)
  })
}
