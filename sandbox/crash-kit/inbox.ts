/** Hires of a matrix that are acknowledged and have not begun. */
import type pg from 'pg'

export async function tenantsArrived(pool: pg.Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ slug: string }>(
    `select distinct slug from inbox join events on events.id = event_id join tenants on tenants.id = tenant_id`,
  )
  return rows.map(({ slug }) => slug)
}
