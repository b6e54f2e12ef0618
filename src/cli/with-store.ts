/** Opens what a command works with, and closes it whatever happens. */
import { openStore, type Store } from '../app/store.ts'
import { type Database, databaseOf, openDatabase } from '../embedded-postgres/database.ts'
import type { CommandContext } from './command.ts'

/** The database with all migrations applied, and what is stored in it. */
export async function withStore<T>(
  context: CommandContext,
  work: (store: Store) => Promise<T>,
  { forKeys = false }: { readonly forKeys?: boolean } = {},
): Promise<T> {
  const store = await openStore(context.config(), { log: context.log, forKeys })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** The database as it is, without applying migrations. */
export async function withDatabase<T>(
  context: CommandContext,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await openDatabase({ ...databaseOf(context.config()), log: context.log })
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}
