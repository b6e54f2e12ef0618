/** How much room is used: by hires, by bodies that do not read as one, by unsigned deliveries, and by each application. */
import type { TenantId } from '../../base/ids.ts'
import type { Queryable } from '../../postgres/transaction.ts'
import type { QuarantineLimits, Suspect } from '../ports.ts'

/** A suspect as stored: its application is hashed with the installation key. */
export interface Keyed extends Omit<Suspect, 'subject'> {
  readonly subject: Buffer | undefined
}

interface Usage {
  readonly deliveries: number
  readonly bytes: number
}

interface RoomRow extends Usage {
  readonly tenant_id: TenantId | null
  readonly signed: boolean
  readonly hire: boolean
}

/** Per application. Pinpoint sends the same bytes for it, which are stored once; the others may be forgeries. */
const mostOfSubject = 3

/** `take` says whether another delivery fits, and counts it. */
export async function roomOf(
  client: Queryable,
  { batch, limits }: { readonly batch: readonly Keyed[]; readonly limits: QuarantineLimits },
) {
  const { rows } = await client.query<RoomRow>(
    `select tenant_id, signature is not null as signed, subject is not null as hire, count(*) as deliveries, sum(bytes) as bytes
     from quarantine where tenant_id = any ($1) or $2 and tenant_id is null group by 1, 2, 3`,
    [batch.flatMap(({ tenant }) => tenant ?? []), batch.some(({ tenant }) => tenant === undefined)],
  )
  const subjects = await subjectsOf(client, batch)
  const nameOf = (tenant: TenantId | null | undefined, signed: boolean, hire: boolean) =>
    `${tenant ?? ''} ${signed} ${hire}`
  const taken = new Map<string, Usage>(rows.map((row) => [nameOf(row.tenant_id, row.signed, row.hire), row]))
  return {
    take({ tenant, signature, subject, body }: Keyed): boolean {
      const name = nameOf(tenant, signature !== undefined, subject !== undefined)
      // A tenth for deliveries that do not read as a hire, and a tenth for those without a tenant: both are worth less.
      const parts = (tenant === undefined ? 10 : 1) * (subject === undefined ? 10 : 1)
      const before = taken.get(name) ?? { deliveries: 0, bytes: 0 }
      const after = { deliveries: before.deliveries + 1, bytes: before.bytes + body.length }
      const ofSubject = subject === undefined ? 0 : (subjects.get(subject.toString('hex')) ?? 0)
      const fits =
        after.deliveries <= Math.ceil(limits.maxDeliveries / parts) &&
        after.bytes <= limits.maxBytes / parts &&
        ofSubject < mostOfSubject
      if (!fits) return false
      taken.set(name, after)
      if (subject !== undefined) subjects.set(subject.toString('hex'), ofSubject + 1)
      return true
    },
  }
}

/** How many deliveries of each application are stored, by its hash. */
async function subjectsOf(client: Queryable, batch: readonly Keyed[]): Promise<Map<string, number>> {
  const { rows } = await client.query<{ subject: Buffer; deliveries: number }>(
    'select subject, count(*) as deliveries from quarantine where subject = any ($1) group by subject',
    [batch.flatMap(({ subject }) => subject ?? [])],
  )
  return new Map(rows.map(({ subject, deliveries }) => [subject.toString('hex'), deliveries]))
}
