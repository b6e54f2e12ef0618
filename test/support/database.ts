/**
 * A database of its own for a test: a copy of the migrated template, in the PostgreSQL of this run. Making and dropping one takes
 * longer than most tests, and so does a session of PostgreSQL: a worker lends the same ones again, as empty as new ones.
 */
import { randomBytes } from 'node:crypto'

import { inject } from 'vitest'

import { openPool } from '../../src/postgres/database.ts'
import { keepBackends, type KeptBackends } from './kept-backends.ts'
import { databaseUrl, openReusable, type Reusable } from './reusable-database.ts'

export const template = 'template_migrated'

export interface FreshDatabase {
  readonly url: string
  drop(): Promise<void>
}

/** Those of this worker that no test has just now. */
const returned: Reusable[] = []
let keeping: Promise<KeptBackends> | undefined

/**
 * `empty`: without our tables, for tests of the migrations themselves. `lent`: false for a test that counts or cuts
 * sessions, reads rows that dead ones of earlier tests would add to, or changes what only new sessions see.
 */
export async function freshDatabase({
  empty = false,
  lent = true,
}: { readonly empty?: boolean; readonly lent?: boolean } = {}): Promise<FreshDatabase> {
  if (empty || !lent) return ownDatabase(empty)
  const backends = await (keeping ??= keepBackends(inject('postgres')))
  const reusable = (await nextReturned()) ?? (await makeReusable(backends))
  return {
    url: backends.through(databaseUrl(inject('postgres'), reusable.name)),
    async drop() {
      if (await reusable.reset()) returned.push(reusable)
      else await dropReusable(reusable)
    },
  }
}

async function ownDatabase(empty: boolean): Promise<FreshDatabase> {
  const name = await make(empty)
  return { url: databaseUrl(inject('postgres'), name), drop: () => dropDatabase(name) }
}

async function nextReturned(): Promise<Reusable | undefined> {
  for (;;) {
    const reusable = returned.pop()
    if (reusable === undefined || (await reusable.isUnused())) return reusable
    await dropReusable(reusable)
  }
}

async function makeReusable(backends: KeptBackends): Promise<Reusable> {
  const name = await make(false)
  return openReusable({ name, url: databaseUrl(inject('postgres'), name), spare: () => backends.spare(name) })
}

async function dropReusable(reusable: Reusable): Promise<void> {
  await reusable.close()
  await dropDatabase(reusable.name)
}

async function make(empty: boolean): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await asAdmin(`create database ${name}${empty ? '' : ` template ${template}`}`)
  return name
}

const dropDatabase = (name: string) => asAdmin(`drop database ${name} with (force)`)

let admin: ReturnType<typeof openPool> | undefined

async function asAdmin(statement: string): Promise<void> {
  admin ??= openPool(inject('postgres'), 1)
  await admin.query(statement)
}
