/** Opens what a command works with, and closes it whatever happens. */
import { noteChanges } from '../access/note-changes.ts'
import { openStore, type Store } from '../app/store.ts'
import {
  mustHaveDatabase,
  openDatabaseToRead,
  openStoreToRead,
  type StoreToRead,
} from '../app/store-to-read.ts'
import { type Database, databaseOf, openDatabase } from '../embedded-postgres/database.ts'
import type { ChangeResult, CommandContext, CommandResult } from './command.ts'
import { auditSource } from './who-and-why.ts'

interface Options {
  readonly forKeys?: boolean
}

/**
 * For commands that write: the database with all migrations applied, and what is stored in it. What they have changed is noted in the
 * audit log.
 */
export async function withStore(
  context: CommandContext,
  work: (store: Store) => Promise<ChangeResult>,
  { forKeys = false }: Options = {},
): Promise<CommandResult> {
  await mayMakeIt(context)
  return closing(await openStore(context.config(), { log: context.log, forKeys }), async (store) => {
    const { changes, ...result } = await work(store)
    await noteChanges(store.audit, auditSource(context), changes)
    return result
  })
}

/** For commands that only read: they make nothing, and refuse a database of another version. */
export async function withStoreToRead<T>(
  context: CommandContext,
  work: (store: StoreToRead) => Promise<T>,
  { forKeys = false }: Options = {},
): Promise<T> {
  return closing(await openStoreToRead(context.config(), { log: context.log, forKeys }), work)
}

/** The database as it is, of whatever version. */
export async function withDatabase<T>(
  context: CommandContext,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  await mayMakeIt(context)
  return closing(await openDatabase({ ...databaseOf(context.config()), log: context.log }), work)
}

/** The same, where it is there. */
export async function withDatabaseToRead<T>(
  context: CommandContext,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  return closing(await openDatabaseToRead(context.config(), context.log), work)
}

async function mayMakeIt({ database, config }: CommandContext): Promise<void> {
  if (database !== 'makes') await mustHaveDatabase(config())
}

async function closing<Opened extends { close(): Promise<void> }, T>(
  opened: Opened,
  work: (opened: Opened) => Promise<T>,
): Promise<T> {
  try {
    return await work(opened)
  } finally {
    await opened.close()
  }
}
