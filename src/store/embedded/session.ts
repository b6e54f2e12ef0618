/** A process's share of the server: a lock held by a connection, so that a killed process gives its share back. */
import { Client, DatabaseError } from 'pg'

import { NeedsPerson } from '../../base/failure.ts'
import type { Cluster } from './cluster.ts'

export interface Session {
  /** Resolves when the connection is gone, whoever ended it. */
  readonly lost: Promise<void>
  answers(): Promise<boolean>
  /** Gives the share back. True when it was the last one; then nobody else comes in until this session ends. */
  leave(): Promise<boolean>
  end(): Promise<void>
}

/** Any number that no other lock of ours uses, here in the database `postgres` of our own server. */
const users = 8_041_873

export function serverUrl(cluster: Cluster, port: number): string {
  return `postgresql://postgres:${cluster.password}@127.0.0.1:${port}/postgres`
}

/** Undefined when the server cannot be entered now, because it is starting or stopping or full: try again. */
export async function openSession(cluster: Cluster, port: number): Promise<Session | undefined> {
  const client = new Client({
    connectionString: serverUrl(cluster, port),
    application_name: 'pinpoint-webhooks (share of the server)',
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
    keepAlive: true,
  })
  const lost = Promise.withResolvers<undefined>()
  client.on('end', () => lost.resolve(undefined))
  // Without a listener a lost connection would end the process; `lost` tells of it.
  client.on('error', () => lost.resolve(undefined))
  try {
    await client.connect()
    // Waits while the last user stops the server; its end then ends this connection too.
    await client.query('select pg_advisory_lock_shared($1)', [users])
  } catch (error) {
    await client.end()
    // 28: authentication refused.
    if (error instanceof DatabaseError && error.code?.startsWith('28')) throw wrongPassword(cluster, error)
    return undefined
  }
  return {
    lost: lost.promise,
    answers: () => answers(client),
    leave: () => leave(client),
    end: () => client.end(),
  }
}

async function answers(client: Client): Promise<boolean> {
  try {
    await client.query('select 1')
    return true
  } catch {
    return false
  }
}

async function leave(client: Client): Promise<boolean> {
  try {
    await client.query('select pg_advisory_unlock_shared($1)', [users])
    const { rows } = await client.query<{ last: boolean }>('select pg_try_advisory_lock($1) as last', [users])
    return rows[0]?.last === true
  } catch {
    // A lost connection has no share, and cannot know whether others have.
    return false
  }
}

function wrongPassword(cluster: Cluster, cause: DatabaseError): NeedsPerson {
  return new NeedsPerson(
    'store.embedded_password',
    `The embedded PostgreSQL refuses the password in ${cluster.home}.`,
    {
      fix: 'Restore the file `password` in that folder from a backup, or set DATABASE_URL to a PostgreSQL of your own.',
      cause,
    },
  )
}
