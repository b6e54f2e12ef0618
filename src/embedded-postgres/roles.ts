/**
 * The roles of the embedded server. The service's role owns its tables and can do no more; the backup role can
 * copy the server; the superuser creates both, and hands over what an older version made as superuser. The passwords of the
 * two roles are derived from the superuser's, so that there is one file to keep.
 */
import { createHmac } from 'node:crypto'

import { DatabaseError, escapeIdentifier, escapeLiteral } from 'pg'

import { NeedsPerson } from '../base/failure.ts'
import { DatabaseClient } from '../postgres/client.ts'
import type { Address } from './address.ts'
import type { Cluster } from './cluster.ts'

export type Role = 'postgres' | 'pinpoint_webhooks' | 'pinpoint_webhooks_backup'

/** The service's role: for its pool, its listener and its share of the server. */
const service: Role = 'pinpoint_webhooks'
const backup: Role = 'pinpoint_webhooks_backup'

type Credentials = Pick<Cluster, 'password'>

export function urlFor(role: Role, { password }: Credentials, { host, port }: Address): string {
  const secret = role === 'postgres' ? password : passwordOf(role, password)
  // PGSSLMODE applies to other servers.
  const demands = 'sslmode=disable&require_auth=scram-sha-256'
  return `postgresql://${role}:${encodeURIComponent(secret)}@${encodeURIComponent(host)}:${port}/postgres?${demands}`
}

function passwordOf(role: Role, password: string): string {
  return createHmac('sha256', password).update(`the role ${role}`).digest('base64url')
}

/** As superuser. False when the server cannot be entered now: try again. */
export async function setUpRoles(cluster: Cluster, address: Address): Promise<boolean> {
  const client = new DatabaseClient({
    connectionString: urlFor('postgres', cluster, address),
    application_name: 'pinpoint-webhooks (roles)',
    connectionTimeoutMillis: 5_000,
  })
  // A connection that breaks rejects the statement under way, too.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(setUp(cluster.password))
    return true
  } catch (error) {
    if (isRefused(error)) throw wrongPassword(cluster, error)
    if (error instanceof DatabaseError && !/^(08|53|57)/.test(error.code ?? '')) throw error
    return false
  } finally {
    await client.end()
  }
}

/** Whether the server refuses role or password. */
export function isRefused(error: unknown): boolean {
  return error instanceof DatabaseError && error.code?.startsWith('28') === true
}

export function wrongPassword(cluster: Cluster, cause: unknown): NeedsPerson {
  return new NeedsPerson(
    'store.embedded_password',
    `The embedded PostgreSQL refuses the password in ${cluster.home}.`,
    {
      fix: 'Restore the file `password` in that folder from a backup, or set DATABASE_URL to a PostgreSQL of your own.',
      cause,
    },
  )
}

/** Any number that no other lock of ours uses, here in the database `postgres` of our own server. */
const settingUp = 8_041_874

/** Without parameters, several statements are one transaction: whoever finds the roles finds all of it. */
function setUp(password: string): string {
  const withPassword = (role: Role) => `password ${escapeLiteral(passwordOf(role, password))}`
  return `
    select pg_advisory_xact_lock(${settingUp});
    ${made(service)};
    ${made(backup)};
    alter role ${service} with login nosuperuser nocreatedb nocreaterole noreplication nobypassrls ${withPassword(service)};
    alter role ${backup} with login nosuperuser nocreatedb nocreaterole replication nobypassrls ${withPassword(backup)};
    grant execute on function pg_backup_start(text, boolean), pg_backup_stop(boolean) to ${backup};
    alter database postgres owner to ${service};
    ${handOver}`
}

function made(role: Role): string {
  const name = escapeLiteral(role)
  return `do $$ begin
    if not exists (select from pg_roles where rolname = ${name}) then create role ${escapeIdentifier(role)}; end if;
  end $$`
}

/** REASSIGN OWNED refuses the first superuser, who owns the system's own objects as well. */
const handOver = `do $$
  declare
    given record;
  begin
    set local search_path = pg_catalog;
    for given in
      with ours as (
        select oid, nspname, nspowner from pg_namespace
        where nspname !~ '^pg_' and nspname <> 'information_schema'
      )
      select format('schema %I', nspname) as object from ours where nspowner = 'postgres'::regrole
      union all
      select format('%s %s', case relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
          when 'f' then 'foreign table' else 'table' end, oid::regclass)
        from pg_class
        where relowner = 'postgres'::regrole and relnamespace in (select oid from ours)
          and relkind in ('r', 'p', 'v', 'm', 'S', 'f')
          -- The sequence of a column goes with its table.
          and not (relkind = 'S' and exists (
            select from pg_depend
            where classid = 'pg_class'::regclass and objid = pg_class.oid
              and refclassid = 'pg_class'::regclass and deptype in ('a', 'i')))
      union all
      select format('routine %s', oid::regprocedure) from pg_proc
        where proowner = 'postgres'::regrole and pronamespace in (select oid from ours)
      union all
      select format('type %s', oid::regtype) from pg_type
        where typowner = 'postgres'::regrole and typnamespace in (select oid from ours)
          and (typtype in ('e', 'd', 'r')
            or typtype = 'c' and (select relkind from pg_class where pg_class.oid = typrelid) = 'c')
    loop
      execute format('alter %s owner to ${service}', given.object);
    end loop;
  end $$`
