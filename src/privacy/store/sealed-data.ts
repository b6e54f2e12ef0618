/** All sealed data, wherever it is stored: which keys it needs, and sealing it again with the first one. */
import type pg from 'pg'

import type { ConnectionId, EventId, QuarantineId, RunId, TenantId } from '../../base/ids.ts'
import { headerOf, keyOfHeader, SealBroken, type Sealer } from '../../base/seal.ts'
import { hireAad } from '../../hires/store/hires.ts'
import { eventBodyAad } from '../../intake/store/incoming.ts'
import { hashKeyAad } from '../../keys/store/installation-keys.ts'
import { type Queryable, queryable } from '../../postgres/transaction.ts'
import { quarantineBodyAad } from '../../quarantine/store/quarantine.ts'
import { outputAad } from '../../runs/store/journal.ts'
import { secretsAad, type SecretsOwner } from '../../tenants/connection.ts'
import { apiKeyAad, signingSecretsAad } from '../../tenants/tenant.ts'
import type { SealedData, SealedWith } from '../ports.ts'

/** A column of envelopes. */
interface Sealed {
  readonly table: string
  readonly column: string
  /** The primary key; its columns are text. */
  readonly key: readonly [string] | readonly [string, string]
  /** What else its AAD contains, as an SQL expression of type text. */
  readonly beside?: string
  /** The AAD of a row's envelope. `second`: the second column of its key, else `beside`. */
  readonly aad: (first: string, second: string) => string
}

/** Every column of envelopes has its line here; a test finds those that have none. */
export const sealedColumns: readonly Sealed[] = [
  {
    ...{ table: 'installation_keys', column: 'sealed_key', key: ['name'] },
    aad: () => hashKeyAad,
  },
  {
    ...{ table: 'tenants', column: 'sealed_api_key', key: ['id'], beside: 'api_url' },
    aad: (id, apiUrl) => apiKeyAad(id as TenantId, apiUrl),
  },
  {
    ...{ table: 'tenants', column: 'sealed_signing_secrets', key: ['id'] },
    aad: (id) => signingSecretsAad(id as TenantId),
  },
  {
    ...{ table: 'connections', column: 'sealed_secrets', key: ['id'] },
    beside: `json_build_object('tenant', tenant_id, 'integration', integration, 'settings', settings)`,
    aad: (id, owner) =>
      secretsAad({ id: id as ConnectionId, ...(JSON.parse(owner) as Omit<SecretsOwner, 'id'>) }),
  },
  {
    ...{ table: 'events', column: 'sealed_body', key: ['id'] },
    aad: (id) => eventBodyAad(id as EventId),
  },
  {
    ...{ table: 'hires', column: 'sealed_details', key: ['tenant_id', 'application'] },
    aad: (tenant, application) => hireAad(tenant as TenantId, application),
  },
  {
    ...{ table: 'steps', column: 'sealed_output', key: ['run_id', 'title'] },
    aad: (run, title) => outputAad(run as RunId, title),
  },
  {
    ...{ table: 'quarantine', column: 'sealed_body', key: ['id'] },
    aad: (id) => quarantineBodyAad(id as QuarantineId),
  },
]

/** The limits of one batch: rows, and bytes to seal again. A body may have a mebibyte. */
const batchRows = 500
const batchBytes = 4 * 1024 * 1024
const mostPasses = 3

export function createSealedData({
  pool,
  sealer,
}: {
  readonly pool: pg.Pool
  readonly sealer: Sealer
}): SealedData {
  const client = queryable(pool)
  return {
    byKey: () => countByKey(queryable(pool, { atMost: 'none' })),
    async sealAgain(stopping, onProgress = () => {}) {
      const total = { sealed: 0, unreadable: 0 }
      for (const sealed of sealedColumns) {
        // Rows that another process is just writing are tried again in the next pass.
        for (let pass = 0, missed = true; missed && pass < mostPasses; pass++) {
          const done = await passOver({ client, sealer, sealed }, stopping, (count) =>
            onProgress(total.sealed + count),
          )
          total.sealed += done.sealed
          if (!done.finished) return { ...total, finished: false }
          if (pass === 0) total.unreadable += done.unreadable
          missed = done.missed > 0
        }
      }
      return { ...total, finished: true }
    },
  }
}

/** All rows of one column, in the order of their keys. */
async function passOver(
  {
    client,
    sealer,
    sealed,
  }: { readonly client: Queryable; readonly sealer: Sealer; readonly sealed: Sealed },
  stopping: AbortSignal,
  onProgress: (sealed: number) => void,
) {
  const total = { sealed: 0, missed: 0, unreadable: 0 }
  let behind: readonly string[] | undefined
  do {
    if (stopping.aborted) return { ...total, finished: false }
    const page = await readPage(client, { sealed, behind, header: headerOf(sealer.keys[0]) })
    const { opened, unreadable } = open(sealer, sealed, page)
    const written = await write(client, sealed, opened)
    total.sealed += written
    total.missed += opened.length - written
    total.unreadable += unreadable
    onProgress(total.sealed)
    behind = page.at(-1)?.key
  } while (behind !== undefined)
  return { ...total, finished: true }
}

async function countByKey(client: Queryable): Promise<readonly SealedWith[]> {
  const counts = new Map<string | undefined, number>()
  for (const { table, column } of sealedColumns) {
    const { rows } = await client.query<{ header: Buffer; envelopes: number }>(
      `select substring(${column} from 1 for case when length(${column}) < 2 then 0 else 2 + get_byte(${column}, 1) end) as header,
         count(*) as envelopes
       from ${table} where ${column} is not null group by 1`,
    )
    for (const { header, envelopes } of rows) {
      const key = keyOfHeader(header)
      counts.set(key, (counts.get(key) ?? 0) + envelopes)
    }
  }
  return [...counts]
    .map(([key, envelopes]) => ({ key, envelopes }))
    .toSorted((one, other) => (one.key ?? '').localeCompare(other.key ?? ''))
}

interface Row {
  readonly key: readonly string[]
  readonly beside: string | null
  /** Null: nothing to do. */
  readonly envelope: Buffer | null
}

/** The next rows behind a key, with the envelopes that other keys have sealed. */
async function readPage(
  client: Queryable,
  {
    sealed: { table, column, key, beside = 'null' },
    behind,
    header,
  }: { readonly sealed: Sealed; readonly behind: readonly string[] | undefined; readonly header: Buffer },
): Promise<readonly Row[]> {
  const columns = key.join(', ')
  const from =
    behind === undefined ? '' : `where (${columns}) > (${key.map((_, index) => `$${index + 4}`).join(', ')})`
  const { rows } = await client.query<Row>(
    `with page as (
       select ${columns}, (${beside})::text as beside, case when substring(${column} from 1 for length($1::bytea)) <> $1 then ${column} end as envelope
       from ${table} ${from} order by ${columns} limit $2
     ), measured as (
       select *, coalesce(sum(length(envelope)) over (order by ${columns} rows between unbounded preceding and 1 preceding), 0) as before
       from page
     )
     select array[${columns}]::text[] as key, beside, envelope from measured where before < $3 order by ${columns}`,
    [header, batchRows, batchBytes, ...(behind ?? [])],
  )
  return rows
}

interface Resealed {
  readonly key: readonly string[]
  readonly before: Buffer
  readonly after: Buffer
}

function open(sealer: Sealer, { aad }: Sealed, page: readonly Row[]) {
  const opened: Resealed[] = []
  let unreadable = 0
  for (const { key, beside, envelope } of page) {
    if (envelope === null) continue
    const [first = '', second = beside ?? ''] = key
    try {
      const text = sealer.open(envelope, aad(first, second))
      opened.push({ key, before: envelope, after: sealer.seal(text, aad(first, second)) })
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error
      unreadable++
    }
  }
  return { opened, unreadable }
}

/** A value that was changed meanwhile stays. Locked rows are skipped, so that nothing waits. */
async function write(
  client: Queryable,
  { table, column, key }: Sealed,
  rows: readonly Resealed[],
): Promise<number> {
  if (rows.length === 0) return 0
  const names = key.map((_, index) => `key${index}`).join(', ')
  const same = (other: string) =>
    key.map((name, index) => `${table}.${name} = ${other}.key${index}`).join(' and ')
  const { rowCount } = await client.query(
    `with free as materialized (
       select given.* from unnest($1::bytea[], $2::bytea[], ${key.map((_, index) => `$${index + 3}::text[]`).join(', ')})
         as given (before, after, ${names})
       join ${table} on ${same('given')} where ${table}.${column} = given.before
       for update of ${table} skip locked
     )
     update ${table} set ${column} = free.after from free where ${same('free')}`,
    [
      rows.map(({ before }) => before),
      rows.map(({ after }) => after),
      ...key.map((_, index) => rows.map((row) => row.key[index])),
    ],
  )
  return rowCount ?? 0
}
