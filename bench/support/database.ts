/** What a benchmark asks the service's database. */
import { setTimeout as pause } from 'node:timers/promises'

import pg from 'pg'

export interface BenchDatabase {
  readonly pool: pg.Pool
  /** The runs of every event have begun and ended well; one that was parked throws. */
  allDone(): Promise<void>
  /** Milliseconds from the webhook to the end of each run of the newest hires of a tenant. */
  hireMilliseconds(tenant: string, newest: number): Promise<readonly number[]>
  close(): Promise<void>
}

export function openBenchDatabase(databaseUrl: string): BenchDatabase {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 })
  return {
    pool,
    async allDone() {
      for (;;) {
        const { rows } = await pool.query<{ open: number; bad: number }>(
          // By the index of what is unfinished: a million of finished runs are not to be read every 20 ms beside what is measured.
          `select count(*) filter (where state <> 'parked')::int + (select count(*) from inbox)::int as open,
             count(*) filter (where state = 'parked')::int as bad
           from runs where finished_at is null`,
        )
        const { open = 0, bad = 0 } = rows[0] ?? {}
        if (bad > 0) throw new Error(`${bad} runs are parked`)
        if (open === 0) return
        await pause(20)
      }
    },
    async hireMilliseconds(tenant, newest) {
      const { rows } = await pool.query<{ milliseconds: number }>(
        `select extract(epoch from runs.finished_at - events.received_at)::float8 * 1000 as milliseconds
         from runs join events on events.id = runs.event_id join tenants on tenants.id = runs.tenant_id
         where tenants.slug = $1 and runs.state = 'done' order by events.id desc limit $2`,
        [tenant, newest],
      )
      return rows.map(({ milliseconds }) => milliseconds)
    },
    close: () => pool.end(),
  }
}
