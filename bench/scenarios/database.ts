/** What a hire costs in PostgreSQL with default settings: bytes of write-ahead log, commits and statements; many at once, and one after the other. */
import { setTimeout as pause } from 'node:timers/promises'

import { closedLoop } from '../support/closed-loop.ts'
import { type BenchDatabase, openBenchDatabase } from '../support/database.ts'
import type { Figure, Scenario } from '../support/figure.ts'
import { openLoop } from '../support/open-loop.ts'
import { openBenchPostgres } from '../support/postgres.ts'
import { openBenchWorld } from '../support/world.ts'

export const database: Scenario = {
  name: 'database',
  about: 'WAL, commits and statements of a hire in PostgreSQL, with default settings',
  async open({ quick, closing }) {
    const [inBurst, oneByOne] = quick ? [200, 20] : [1_000, 200]
    const postgres = closing(await openBenchPostgres({ countStatements: true }))
    const databaseUrl = await postgres.database('service')
    const world = closing(await openBenchWorld({ databaseUrl }))
    const own = closing(openBenchDatabase(databaseUrl))
    await own.pool.query('create extension pg_stat_statements')
    const url = world.webhookUrl()
    await closedLoop(url, await world.hires(100))
    await own.allDone()

    return async () => {
      await world.forget()
      const burst = await costOf(own, async () => closedLoop(url, await world.hires(inBurst)))
      const single = await costOf(own, async () => openLoop(url, await world.hires(oneByOne), 5))
      return [
        ...figuresOf(`${inBurst} at once`, inBurst, burst),
        ...figuresOf('five a second', oneByOne, single),
      ]
    }
  },
}

interface Cost {
  readonly walBytes: number
  readonly commits: number
  readonly statements: number
}

/** An idle connection reports what it has done after ten seconds. */
const reported = 11_000

async function costOf(own: BenchDatabase, hire: () => Promise<unknown>): Promise<Cost> {
  await pause(reported)
  const before = await look(own)
  await hire()
  await own.allDone()
  const walBytes = (await look(own)).walBytes - before.walBytes
  await pause(reported)
  const after = await look(own)
  return {
    walBytes,
    commits: after.commits - before.commits,
    statements: after.statements - before.statements,
  }
}

/** Without what the benchmark itself asks. */
async function look({ pool }: BenchDatabase): Promise<Cost> {
  const { rows } = await pool.query<Cost>(
    `with asked as (
       select sum(calls) filter (where query like '%as bad%' or query like '%pg_stat_statements%') as by_us, sum(calls) as all_calls
       from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())
     )
     select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as "walBytes",
       (xact_commit - coalesce(by_us, 0))::float8 as commits, (all_calls - coalesce(by_us, 0))::float8 as statements
     from asked, pg_stat_database where datname = current_database()`,
  )
  const [row] = rows
  if (row === undefined) throw new Error('PostgreSQL counts nothing')
  return row
}

function figuresOf(name: string, hires: number, cost: Cost): readonly Figure[] {
  return [
    { name: `${name}: write-ahead log`, unit: 'bytes a hire', ours: cost.walBytes / hires },
    { name: `${name}: commits`, unit: 'a hire', ours: cost.commits / hires },
    { name: `${name}: statements`, unit: 'a hire', ours: cost.statements / hires },
  ]
}
