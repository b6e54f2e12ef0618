/** Sweeps of a matrix: their hour comes when the kit says so, and never in any other tenant. */
import type pg from 'pg'

import type { Store } from '../../src/app.ts'
import { processIdentity } from '../../src/config/process-identity.ts'
import type { Scenario } from './subject.ts'

/** Longer ago than a webhook may still be on its way. */
export function hiredLongAgo(): { readonly hiredAt: string } {
  return { hiredAt: new Date(Date.now() - 3_600_000).toISOString() }
}

/** From then on the tenant has a schedule, whose hour has come. */
export async function letSweepCome(
  { database, tenants, sweeps }: Pick<Store, 'database' | 'tenants' | 'sweeps'>,
  account: string,
  through: NonNullable<Scenario['through']>,
): Promise<void> {
  const { pool } = database
  const [tenant] = (await tenants.list()).filter(({ slug }) => slug === account)
  if (tenant === undefined) throw new Error(`there is no tenant ${account}`)
  await pool.query(`update connections set enabled_since = now() - interval '1 day' where tenant_id = $1`, [
    tenant.id,
  ])
  if (through === 'left sweep') {
    const since = new Date(Date.now() - 86_400_000)
    await sweeps.begin({ tenant, since, anyAge: false, undated: false }, goneProcess())
  }
  await pool.query(
    `update tenants set sweep_every_seconds = 900, created_at = now() - interval '1 day' where id = $1`,
    [tenant.id],
  )
}

/** Of this machine, with an id that no process can have. */
function goneProcess(): string {
  const [machine] = processIdentity().name.split('/')
  return [machine, 2 ** 22 + 1, 0].join('/')
}

/** Whether each has been swept to the end. After a sweep that failed, the hour of the next one comes at once. */
export async function sweptAll(pool: pg.Pool, accounts: readonly string[]): Promise<boolean> {
  if (accounts.length === 0) return true
  await pool.query(
    `update sweeps set created_at = sweeps.created_at - interval '1 hour' from tenants
     where tenants.id = tenant_id and slug = any ($1) and state = 'failed'
       and sweeps.created_at > now() - interval '15 minutes'`,
    [accounts],
  )
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

/** What a tenant's sweep waits for. */
export type SweepWaits = 'to be queued' | 'to be claimed' | 'to be freed'

/** The tenants whose sweep waits for it. */
export async function tenantsWhoseSweepWaits(pool: pg.Pool, waits: SweepWaits): Promise<string[]> {
  const { rows } = await pool.query<{ slug: string }>(`select slug ${waitingSql[waits]}`)
  return rows.map(({ slug }) => slug)
}

const underWay = 'from sweeps join tenants on tenants.id = tenant_id'
const waitingSql: Readonly<Record<SweepWaits, string>> = {
  'to be queued': `from tenants where sweep_every_seconds is not null
    and not exists (select from sweeps where tenant_id = tenants.id and state <> 'failed')`,
  'to be claimed': `${underWay} where state in ('queued', 'waiting')`,
  'to be freed': `${underWay} where state = 'running'`,
}
