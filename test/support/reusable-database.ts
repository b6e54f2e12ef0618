/** A copy of the template that is emptied after a test, so that the next one can have it. */
import type pg from 'pg'

import { openPool } from '../../src/postgres/database.ts'

export interface Reusable {
  readonly name: string
  /** Ends all other connections and empties it. False: it cannot be made as it was, and has to be dropped. */
  reset(): Promise<boolean>
  /** False: somebody whom the last test left behind has connected again. */
  isUnused(): Promise<boolean>
  close(): Promise<void>
}

export function databaseUrl(postgres: string, name: string): string {
  const url = new URL(postgres)
  url.pathname = name
  return url.href
}

interface OpenReusable {
  readonly name: string
  readonly url: string
  /** Server processes that nobody uses, and that stay. */
  readonly spare: () => Promise<readonly number[]>
}

export async function openReusable({ name, url, spare }: OpenReusable): Promise<Reusable> {
  const pool = openPool(url, 1)
  const made = await lookAt(pool)
  const emptying = await emptyingSql(pool)
  return {
    name,
    async reset() {
      await pool.query(`select pg_terminate_backend(pid, 10000) from ${othersSql}`, [await spare()])
      const now = await lookAt(pool)
      if (now.schema !== made.schema || now.bytes > made.bytes + mostBytes) return false
      await pool.query(emptying)
      return true
    },
    async isUnused() {
      const { rowCount } = await pool.query(`select from ${othersSql}`, [await spare()])
      return rowCount === 0
    },
    close: () => pool.end(),
  }
}

const othersSql = `pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and pid <> all ($1) and backend_type = 'client backend'`

/** With more, the dead rows would slow down the tests that come after. */
const mostBytes = 8_000_000

/** A row of a catalog that was changed has a new xmin; one that was dropped is missing. */
const catalogsSql = [
  `select xmin from pg_class where oid >= 16384`,
  `select xmin from pg_attribute where attrelid >= 16384`,
  `select xmin from pg_constraint where oid >= 16384`,
  `select xmin from pg_attrdef`,
  `select xmin from pg_index where indexrelid >= 16384`,
  `select xmin from pg_trigger`,
  `select xmin from pg_proc where oid >= 16384`,
  `select xmin from pg_type where oid >= 16384`,
  `select xmin from pg_namespace`,
  `select xmin from pg_db_role_setting`,
].join(' union all ')

interface Look {
  readonly schema: string
  readonly bytes: number
}

async function lookAt(pool: pg.Pool): Promise<Look> {
  const { rows } = await pool.query<Look>(
    `select count(*) || ' ' || max(xmin::text::bigint) as schema,
       (select sum(pg_table_size(oid)) from pg_class where relkind = 'r' and oid >= 16384)::bigint as bytes
     from (${catalogsSql}) as catalogs`,
  )
  return rows[0]!
}

/** Deletes all rows, puts back those that the template has, and lets sequences begin again. */
async function emptyingSql(pool: pg.Pool): Promise<string> {
  const named = async (kind: string) => {
    const { rows } = await pool.query<{ name: string }>(
      `select oid::regclass::text as name from pg_class where relkind = $1 and oid >= 16384`,
      [kind],
    )
    return rows.map(({ name }) => name)
  }
  const tables = await named('r')
  const kept: string[] = []
  for (const table of tables) {
    const { rows } = await pool.query<{ rows: string | null }>(
      `select quote_literal(json_agg(one)) as rows from ${table} as one`,
    )
    const literal = rows[0]?.rows ?? null
    if (literal !== null)
      kept.push(`insert into ${table} select * from json_populate_recordset(null::${table}, ${literal})`)
  }
  return [
    // No triggers: the audit log refuses to be emptied, and the order of tables does not matter.
    'set session_replication_role = replica',
    ...tables.map((table) => `delete from ${table}`),
    ...kept,
    'reset session_replication_role',
    ...(await named('S')).map((sequence) => `select setval('${sequence}', 1, false)`),
  ].join('; ')
}
