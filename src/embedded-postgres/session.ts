/** A process's share of the server: a lock of a connection, so that a killed process releases its share. */
import { DatabaseClient } from '../postgres/client.ts'
import type { Address } from './address.ts'
import type { Cluster } from './cluster.ts'
import { isRefused, type Role, urlFor } from './roles.ts'

export interface Session {
  /** Resolves when the connection is gone, whoever ended it. */
  readonly lost: Promise<void>
  answers(): Promise<boolean>
  /** Releases the share. True if it was the last one; then no other process can enter until this session ends. */
  leave(): Promise<boolean>
  end(): Promise<void>
}

/** The server does not have the role, or refuses its password. */
export interface Refused {
  readonly refused: unknown
}

/** A number that no other lock of ours uses in the database `postgres` of our own server. */
const users = 8_041_873

/** Undefined when the server cannot be entered now, because it is starting, stopping or full: try again. */
export async function openSession(
  cluster: Cluster,
  address: Address,
  role: Role = 'pinpoint_webhooks',
): Promise<Session | Refused | undefined> {
  const client = new DatabaseClient({
    connectionString: urlFor(role, cluster, address),
    application_name: 'pinpoint-webhooks (share of the server)',
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
    keepAlive: true,
  })
  const lost = Promise.withResolvers<undefined>()
  client.on('end', () => lost.resolve(undefined))
  // Without a listener, a lost connection would end the process; `lost` reports it.
  client.on('error', () => lost.resolve(undefined))
  try {
    await client.connect()
    // Waits while the last process stops the server; the stop then ends this connection too.
    await client.query('select pg_advisory_lock_shared($1)', [users])
  } catch (error) {
    await client.end()
    return isRefused(error) ? { refused: error } : undefined
  }
  return {
    lost: lost.promise,
    answers: () => answers(client),
    leave: () => leave(client),
    end: () => client.end(),
  }
}

async function answers(client: DatabaseClient): Promise<boolean> {
  try {
    await client.query('select 1')
    return true
  } catch {
    return false
  }
}

async function leave(client: DatabaseClient): Promise<boolean> {
  try {
    await client.query('select pg_advisory_unlock_shared($1)', [users])
    const { rows } = await client.query<{ last: boolean }>('select pg_try_advisory_lock($1) as last', [users])
    return rows[0]?.last === true
  } catch {
    // A lost connection has no share, and cannot know whether other processes have one.
    return false
  }
}
