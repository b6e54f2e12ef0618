/** Opens the store or database of a command, and always closes it. */
import { type Begun, noted } from '../access/note-changes.ts'
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
 * For commands that write: the database with all migrations applied, and what is stored in it. That they begin and what they have
 * changed is noted in the audit log.
 */
export async function withStore(
  context: CommandContext,
  work: (store: Store) => Promise<ChangeResult>,
  { forKeys = false }: Options = {},
): Promise<CommandResult> {
  await mayMakeIt(context)
  return closing(await openStore(context.config(), { log: context.log, forKeys }), async (store) => {
    const begun = await begunOf(context, store)
    const {
      changes: _,
      found: __,
      ...result
    } = await noted(store.audit, auditSource(context), {
      begun,
      work: () => work(store),
    })
    return result
  })
}

const idPattern = /^(\d{1,20}|(run|evt|rpl|qua|swp)_[a-z0-9_]{1,80})$/

/** Of what was typed only what cannot be personal or secret. */
async function begunOf({ input }: CommandContext, { tenants }: Store): Promise<Begun> {
  const slugs = (await tenants.list()).map(({ slug }) => slug)
  return {
    tenant: input.typed.find((text) => slugs.includes(text)) ?? null,
    ids: input.typed.filter((text) => idPattern.test(text)),
  }
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

/** The same, but only if it exists. */
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
