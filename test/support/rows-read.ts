/** What PostgreSQL's own statistics tell of the rows that were read since they were reset. Ends all other connections. */
import { openPool } from '../../src/postgres/database.ts'
import { until } from './until.ts'

export interface RowsRead {
  readonly table: string
  readonly scanned: number
  readonly fetched: number
  readonly entries: number
  readonly updated: number
  /** Updates that wrote no index. */
  readonly hot: number
}

/** Rows that scans of the table read, rows that its indexes led to, and entries of its indexes that were read for them. */
export async function rowsRead(env: Readonly<Record<string, string>>): Promise<readonly RowsRead[]> {
  const pool = openPool(env['DATABASE_URL'] ?? '', 1)
  try {
    // A connection tells what it did at its end at the latest.
    await until('the other connections to be gone', async () => {
      const { rowCount } = await pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      )
      return rowCount === 0
    })
    const { rows } = await pool.query<RowsRead>(
      `select relname as table, seq_tup_read as scanned, idx_tup_fetch as fetched,
         (select sum(idx_tup_read) from pg_stat_user_indexes where relid = tables.relid)::bigint as entries,
         n_tup_upd as updated, n_tup_hot_upd as hot
       from pg_stat_user_tables as tables
       where relname in ('events', 'runs', 'steps', 'run_history', 'effects', 'hires') order by relname`,
    )
    return rows
  } finally {
    await pool.end()
  }
}
