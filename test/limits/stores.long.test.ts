// What processes share: one winner for each change of a limit and for each turn of a circuit.
import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { replacing } from '../../sandbox/crash-kit/replacing.ts'
import type { ConnectionId, TenantId } from '../../src/base/ids.ts'
import { type LimitKey, unknownBudget } from '../../src/base/rate-limit.ts'
import { createThrottlingStores } from '../../src/limits/store/throttling.ts'
import { createDatabaseRetry } from '../../src/postgres/transaction.ts'
import type { Settlement } from '../../src/runs/run.ts'
import { createRunStore } from '../../src/runs/store/runs.ts'
import { openSpine, type Spine } from '../support/spine.ts'

let spine: Spine
beforeEach(async () => {
  spine = await openSpine()
})
afterEach(() => spine.close())
const stores = () =>
  createThrottlingStores({ ...spine, withDatabaseRetry: createDatabaseRetry(async () => {}) })
const failure = {
  destination: 'hibob',
  ofEffects: false,
  code: 'hibob.unavailable',
  reason: 'hibob answered 503.',
}

describe('a limit', () => {
  const keyOf = (connection: ConnectionId): LimitKey => ({
    scope: connection,
    connection,
    bucket: 'hibob.search',
  })
  const change = (from: number, pausedUntil = 1) => ({
    from,
    budget: { ...unknownBudget, pausedUntil },
    exhaustedUntil: undefined,
  })

  it('is changed by one of many who know the same version, and all learn what is stored', async () => {
    const { limits } = stores()
    const key = keyOf(spine.connections.hibob)
    for (const version of [0, 1, 2]) {
      const all = await Promise.all(
        Array.from({ length: 8 }, (_, index) => limits.swap(key, change(version, version * 10 + index))),
      )
      expect(all.filter(({ written }) => written)).toMatchObject([{ stored: { version: version + 1 } }])
      const now = await limits.swap(key, change(version))
      expect(now).toMatchObject({ written: false, stored: { version: version + 1 } })
      expect(Math.abs(now.at.getTime() - Date.now())).toBeLessThan(5000)
    }
  })

  it('of a connection that has been removed is not stored', async () => {
    const { limits } = stores()
    const key = keyOf('con_gone' as ConnectionId)
    expect(await limits.swap(key, change(0))).toMatchObject({ written: false, stored: { version: 0 } })
  })

  it('of a tenant reaches the claims of all its connections, and goes with the tenant', async () => {
    const { limits } = stores()
    const { rows } = await spine.pool.query<{ id: TenantId }>('select id from tenants')
    const tenant = rows[0]!.id
    const key: LimitKey = { scope: tenant, tenant, bucket: 'pinpoint.api' }
    const learned = { ...unknownBudget, unconfirmed: { tenant, until: 5 } }
    const swapped = await limits.swap(key, { from: 0, budget: learned, exhaustedUntil: undefined })
    expect(swapped).toMatchObject({ written: true, stored: { key, version: 1, budget: learned } })
    await spine.hire('1')
    const runs = await Promise.all((await spine.queue.fetch(5)).map((job) => spine.runs.claim(job, 'w')))
    expect(runs.map((run) => run?.limits.map(({ key: known }) => known))).toEqual([[key], [key]])
    const gone = { scope: 'ten_gone', tenant: 'ten_gone' as TenantId, bucket: 'pinpoint.api' }
    expect(await limits.swap(gone, change(0))).toMatchObject({ written: false, stored: { version: 0 } })
  })

  it('that another version has written in a shape of its own is learned anew', async () => {
    const { limits } = stores()
    const key = keyOf(spine.connections.hibob)
    await limits.swap(key, change(0))
    await spine.pool.query(`update limits set budget = '{"windows": "many"}'`)
    const { stored } = await limits.swap(key, change(0))
    expect(stored).toMatchObject({ version: 1, budget: unknownBudget })
    expect(await limits.swap(key, change(1))).toMatchObject({ written: true })
  })

  it('reaches the next claim of its connection, and no claim of another', async () => {
    const { limits } = stores()
    await limits.swap(keyOf(spine.connections.hibob), change(0))
    await spine.hire('1')
    const runs = await Promise.all((await spine.queue.fetch(5)).map((job) => spine.runs.claim(job, 'w')))
    const known = new Map(runs.map((run) => [run?.integration, run?.limits.map(({ key }) => key.bucket)]))
    expect(known).toEqual(
      new Map([
        ['hibob', ['hibob.search']],
        ['webhook', []],
      ]),
    )
  })
})

describe('a refusal', () => {
  const refused: Settlement = {
    state: 'parked',
    code: 'hibob.credentials_refused',
    reason: 'hibob refused the credentials (401).',
    fix: 'Replace them.',
    resumesOn: 'connection',
    pausesConnection: true,
  }
  const pausedAt = async () => {
    const { rows } = await spine.pool.query<{ paused_at: Date | null }>(
      'select paused_at from connections where id = $1',
      [spine.connections.hibob],
    )
    return rows[0]?.paused_at
  }

  it('of credentials that were replaced during the try pauses nothing: the run tries again at once', async () => {
    await spine.hire('1', { asked: 'hibob' })
    const [job] = await spine.queue.fetch(1)
    const run = await spine.runs.claim(job!, 'w')
    await spine.pool.query('update connections set updated_at = now()')
    expect(await spine.runs.settle(run!.lease, job!, refused)).toBe(true)
    expect(await pausedAt()).toBeNull()
    expect(await spine.runAdmin.listRuns({ limit: 1 })).toMatchObject([{ state: 'waiting', attempt: 1 }])
    const [again] = await spine.queue.fetch(1)
    const second = await spine.runs.claim(again!, 'w')
    await spine.runs.settle(second!.lease, again!, refused)
    expect(await pausedAt()).toBeInstanceOf(Date)
    expect(await spine.runAdmin.listRuns({ limit: 1 })).toMatchObject([{ state: 'parked' }])
  })
})

describe('an answer of the database that is lost after its commit', () => {
  /** The first commit is done, and nobody hears of it. */
  function losingOneCommit(pool: pg.Pool): pg.Pool {
    let lost = false
    const textOf = (statement: unknown) =>
      typeof statement === 'string' ? statement : (statement as { readonly text?: string }).text
    return replacing(pool, {
      connect: async () => {
        const client = await pool.connect()
        return replacing(client, {
          query: async (statement: pg.QueryConfig) => {
            const answer = await client.query(statement)
            if (lost || textOf(statement) !== 'commit') return answer
            lost = true
            throw Object.assign(new Error('lost'), { code: 'ECONNRESET' })
          },
        })
      },
    })
  }

  it('loses no alert of a paused connection, and the worker is not told that it was taken over', async () => {
    const { pool, queue, sealer, hashKey } = spine
    const told: string[] = []
    const onPaused = ({ code }: { readonly code: string }) => void told.push(code)
    const withDatabaseRetry = createDatabaseRetry(async () => {})
    const runs = createRunStore({
      pool: losingOneCommit(pool),
      queue,
      sealer,
      hashKey,
      withDatabaseRetry,
      onPaused,
    })
    await spine.hire('1', { asked: 'hibob' })
    const [job] = await queue.fetch(1)
    const run = await spine.runs.claim(job!, 'w')
    const refused: Settlement = {
      state: 'parked',
      code: 'hibob.credentials_refused',
      reason: 'hibob refused the credentials (401).',
      fix: 'Replace them.',
      resumesOn: 'connection',
      pausesConnection: true,
    }
    expect(await runs.settle(run!.lease, job!, refused)).toBe(true)
    expect(told).toEqual(['hibob.credentials_refused'])
    expect(await spine.runAdmin.listRuns({ limit: 1 })).toMatchObject([{ state: 'parked', attempt: 1 }])
  })
})

describe('a circuit', () => {
  it('is opened, probed and closed by one of many', async () => {
    const { circuits } = stores()
    const { hibob } = spine.connections
    const eight = <T>(work: () => Promise<T>) => Promise.all(Array.from({ length: 8 }, work))
    expect((await eight(() => circuits.open(hibob, failure))).filter(Boolean)).toHaveLength(1)

    // The first probe is not due yet: each is told to come back at another time.
    const waits = await eight(() => circuits.takeProbe(hibob))
    const times = waits.map((wait) => (typeof wait === 'object' ? wait.comeBackAt.getTime() : 0))
    expect(new Set(times).size).toBe(8)
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(30_000)

    await spine.pool.query(`update circuits set probe_at = now()`)
    const turns = await eight(() => circuits.takeProbe(hibob))
    expect(turns.filter((turn) => turn === 'probe')).toHaveLength(1)

    expect((await eight(() => circuits.close(hibob))).filter((woken) => woken !== undefined)).toEqual([0])
    expect(await circuits.takeProbe(hibob)).toBe('closed')
  })

  it('probes less and less often, at least every five minutes; nobody waits longer than an hour at a time', async () => {
    const { circuits } = stores()
    await circuits.open(spine.connections.hibob, failure)
    const gaps: number[] = []
    for (let probe = 0; probe < 9; probe++) {
      await spine.pool.query(`update circuits set probe_at = now()`)
      await circuits.takeProbe(spine.connections.hibob)
      const { rows } = await spine.pool.query<{ gap: number }>(
        `select extract(epoch from probe_at - now())::float8 as gap from circuits`,
      )
      gaps.push(Math.round(rows[0]!.gap))
    }
    expect(gaps).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300])
    let last = 0
    for (let waiter = 0; waiter < 20; waiter++) {
      const turn = await circuits.takeProbe(spine.connections.hibob)
      if (typeof turn === 'object') last = turn.comeBackAt.getTime()
    }
    expect(last - Date.now()).toBeLessThanOrEqual(3_601_000)
  })

  it('that closes wakes the runs that wait for it or failed before it opened, and no others', async () => {
    const { circuits } = stores()
    const { hibob } = spine.connections
    for (const application of ['1', '2', '3', '4']) await spine.hire(application, { asked: 'hibob' })
    const soon = new Date(Date.now() + 3_600_000)
    const waiting = { state: 'waiting', reason: '', nextAt: soon } as const
    const settlements: readonly Settlement[] = [
      { ...waiting, code: 'runs.circuit_open', kind: 'circuit' },
      { ...waiting, code: 'hibob.unavailable', kind: 'outage' },
      { ...waiting, code: 'hibob.rate_limited', kind: 'permit' },
      // What an unclear call made is not visible before, whatever the circuit does.
      { ...waiting, code: 'runs.outcome_unclear', kind: 'unclear' },
    ]
    await circuits.open(hibob, failure)
    for (const [index, job] of (await spine.queue.fetch(5)).entries()) {
      const run = await spine.runs.claim(job, 'w')
      await spine.runs.settle(run!.lease, job, settlements[index]!)
    }
    expect(await circuits.close(hibob)).toBe(2)
    const again = await Promise.all((await spine.queue.fetch(5)).map((job) => spine.runs.claim(job, 'w')))
    expect(again.map((run) => run?.waitedFor).sort()).toEqual(['circuit', 'outage'])
    // Both have been failing since then; only the one that tried has a failure.
    expect(again.every((run) => run?.firstFailedAt instanceof Date)).toBe(true)
    expect(again.map((run) => run?.failures).sort()).toEqual([0, 1])
  })

  it('that closes while a run is about to wait for it lets that run go on at once', async () => {
    const { circuits } = stores()
    const { hibob } = spine.connections
    await spine.hire('1', { asked: 'hibob' })
    await circuits.open(hibob, failure)
    const [job] = await spine.queue.fetch(1)
    const run = await spine.runs.claim(job!, 'w')
    await circuits.close(hibob)
    const settlement = {
      state: 'waiting',
      code: 'runs.circuit_open',
      reason: '',
      nextAt: new Date(Date.now() + 3_600_000),
      kind: 'circuit',
    } as const
    await spine.runs.settle(run!.lease, job!, settlement)
    expect(await spine.queue.fetch(1)).toHaveLength(1)
  })
})
