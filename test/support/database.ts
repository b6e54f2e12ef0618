/** A database of its own for a test file: a copy of the migrated template, in the PostgreSQL of this run. */
import { randomBytes } from 'node:crypto'

import { inject } from 'vitest'

import { openPool } from '../../src/postgres/database.ts'

export const template = 'template_migrated'

export interface FreshDatabase {
  readonly url: string
  drop(): Promise<void>
}

/** `empty`: without our tables, for tests of the migrations themselves. */
export async function freshDatabase({ empty = false } = {}): Promise<FreshDatabase> {
  const postgres = inject('postgres')
  const name = `test_${randomBytes(6).toString('hex')}`
  await asAdmin(postgres, `create database ${name}${empty ? '' : ` template ${template}`}`)
  return {
    url: databaseUrl(postgres, name),
    drop: () => asAdmin(postgres, `drop database ${name} with (force)`),
  }
}

export function databaseUrl(postgres: string, name: string): string {
  const url = new URL(postgres)
  url.pathname = name
  return url.href
}

async function asAdmin(postgres: string, statement: string): Promise<void> {
  const pool = openPool(postgres, 1)
  try {
    await pool.query(statement)
  } finally {
    await pool.end()
  }
}
