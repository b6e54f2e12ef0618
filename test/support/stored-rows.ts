/** All that is stored of the hires of these tenants: runs, what happened to them, the journal, and the ledger. */
import type { Store } from '../../src/app/store.ts'

export interface StoredRows {
  readonly runs: readonly object[]
  readonly history: readonly object[]
  readonly steps: readonly object[]
  readonly effects: readonly object[]
}

export async function storedRows(
  { database }: Pick<Store, 'database'>,
  tenants: readonly string[],
): Promise<StoredRows> {
  const read = async (sql: string) => (await database.pool.query<object>(sql, [tenants])).rows
  const ours = 'select runs.id from runs join tenants on tenants.id = tenant_id where slug = any ($1)'
  return {
    runs: await read(`select * from runs where id in (${ours}) order by id`),
    history: await read(`select * from run_history where run_id in (${ours}) order by seq`),
    steps: await read(`select * from steps where run_id in (${ours}) order by run_id, title`),
    effects: await read(`select * from effects where made_by_run in (${ours}) order by id`),
  }
}
