/** Sweeps of a matrix: their hour comes when the kit says so, and never in any other tenant. */
import type pg from 'pg'

import type { Store } from '../../src/app/store.ts'
import { processIdentity } from '../../src/config/process-identity.ts'
import type { Scenario } from './subject.ts'

/** Longer ago than a webhook may still be on its way. */
export function hiredLongAgo(): { readonly hiredAt: string } {
  return { hiredAt: new Date(Date.now() - 3_600_000).toISOString() }
}

/** From then on the tenant has a schedule; its hour comes when a service of the kit looks. */
export async function letSweepCome(
  { database, tenants, sweeps }: Pick<Store, 'database' | 'tenants' | 'sweeps'>,
  account: string,
  through: NonNullable<Scenario['through']>,
): Promise<void> {
  const { pool } = database
  const tenant = (await tenants.list()).find(({ slug }) => slug === account)
  if (tenant === undefined) throw new Error(`there is no tenant ${account}`)
  await pool.query(`update connections set enabled_since = now() - interval '1 day' where tenant_id = $1`, [
    tenant.id,
  ])
  if (through === 'left sweep') {
    const since = new Date(Date.now() - 86_400_000)
    await sweeps.begin({ tenant, since, anyAge: false, undated: false }, elsewhere)
  }
  await pool.query(`update tenants set sweep_every_seconds = 900, created_at = now() where id = $1`, [
    tenant.id,
  ])
}

/** No process of this machine. */
const elsewhere = 'elsewhere'

/** What a tenant waits for: the hour of its sweep, the end of the process that has it, somebody who takes it. */
export type Awaited = 'hour' | 'release' | 'claim'

const underWay = 'from sweeps join tenants on tenants.id = tenant_id'
const waiting: Readonly<Record<Awaited, string>> = {
  hour: `from tenants where sweep_every_seconds is not null
    and not exists (select from sweeps where tenant_id = tenants.id and state <> 'failed')`,
  release: `${underWay} where state = 'running' and worker = '${elsewhere}'`,
  claim: `${underWay} where state in ('queued', 'waiting')`,
}

export async function tenantsAwaiting(pool: pg.Pool, what: Awaited): Promise<string[]> {
  const { rows } = await pool.query<{ slug: string }>(`select slug ${waiting[what]}`)
  return rows.map(({ slug }) => slug)
}

/** The one after a sweep that failed, too. */
export async function letHourCome(pool: pg.Pool, accounts: readonly string[]): Promise<void> {
  await pool.query(
    `with due as (
       update tenants set created_at = now() - interval '1 day' where slug = any ($1) returning id
     )
     update sweeps set created_at = now() - interval '1 day' from due where tenant_id = due.id and state = 'failed'`,
    [accounts],
  )
}

/** The process that has the sweep is gone: one of this machine, with an id that no process can have. */
export async function letProcessBeGone(pool: pg.Pool, accounts: readonly string[]): Promise<void> {
  const [machine] = processIdentity().name.split('/')
  await pool.query(
    `update sweeps set worker = $1 from tenants
     where tenants.id = tenant_id and slug = any ($2) and state = 'running' and worker = $3`,
    [[machine, 2 ** 22 + 1, 0].join('/'), accounts, elsewhere],
  )
}

/** As when the process that has the sweep was paused for longer than its lease. */
export async function letLeaseLapse(pool: pg.Pool, account: string): Promise<void> {
  await pool.query(
    `update sweeps set lease_until = now() - interval '1 second' from tenants
     where tenants.id = tenant_id and slug = $1 and state = 'running'`,
    [account],
  )
}

/** All that is stored about them: the same text as long as nobody writes. */
export async function sweepsAsText(pool: pg.Pool, account: string): Promise<string> {
  const { rows } = await pool.query<{ all: string }>(
    `select string_agg(sweeps::text, ' ' order by sweeps.id) as all
     from sweeps join tenants on tenants.id = tenant_id where slug = $1`,
    [account],
  )
  return rows[0]?.all ?? ''
}

/** Whether each has been swept to the end. */
export async function sweptAll(pool: pg.Pool, accounts: readonly string[]): Promise<boolean> {
  if (accounts.length === 0) return true
  const sweeps = await sweepsOf(pool, accounts)
  const done = new Set(sweeps.filter(({ state }) => state === 'done').map(({ slug }) => slug))
  return done.size === accounts.length && !sweeps.some(isUnderWay)
}

/** One sentence for each promise about the sweeps of a tenant that did not hold. */
export async function judgeSweeps(pool: pg.Pool, account: string): Promise<readonly string[]> {
  const sweeps = await sweepsOf(pool, [account])
  const found = sweeps.reduce((sum, { missing }) => sum + missing, 0)
  return [
    ...sweeps.filter(isUnderWay).map(({ state }) => `one of its sweeps is ${state} and never ends`),
    ...(sweeps.some(({ state }) => state === 'done') ? [] : ['no sweep of it has been done']),
    ...(found === 1 ? [] : [`its sweeps have counted ${found} hires without a webhook instead of one`]),
  ]
}

interface SweepRow {
  readonly slug: string
  readonly state: string
  readonly missing: number
}

async function sweepsOf(pool: pg.Pool, accounts: readonly string[]): Promise<readonly SweepRow[]> {
  const { rows } = await pool.query<SweepRow>(
    `select slug, state, missing from sweeps join tenants on tenants.id = tenant_id where slug = any ($1)`,
    [accounts],
  )
  return rows
}

function isUnderWay({ state }: SweepRow): boolean {
  return state !== 'done' && state !== 'failed'
}
