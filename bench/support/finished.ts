/**
 * A database as it is after long use: hires that are finished, spread over the year before, with all rows that a hire leaves
 * behind, in the order in which they would have been written. What is sealed has the right size and opens nowhere.
 */
import { randomBytes } from 'node:crypto'

import type pg from 'pg'

import { newConnectionId, newTenantId } from '../../src/base/ids.ts'

const tenantCount = 20
/** Rows of one statement: their commits let the server write down what has collected. */
const chunkSize = 50_000
const alphabet = '0123456789abcdefghijklmnopqrstuv'

/** Of `count` hires 98% are done, 1% refused and 1% cancelled. Needs a superuser: foreign keys are not checked meanwhile. */
export async function fillFinished(pool: pg.Pool, count: number): Promise<void> {
  const owners = await ownersOf(pool)
  const salt = randomBytes(8).toString('hex')
  const fixed = [
    count,
    new Date(),
    salt,
    owners.map(({ tenant }) => tenant),
    owners.map(({ connection }) => connection),
  ]
  const lanes = [
    [eventsSql, runsSql, historySql, hiresSql],
    [effectsSql, stepsSql],
  ]
  await Promise.all(
    lanes.map((statements) =>
      unchecked(pool, async (client) => {
        for (let first = 1; first <= count; first += chunkSize)
          for (const text of statements)
            await client.query(text, [first, Math.min(count, first + chunkSize - 1), ...fixed])
      }),
    ),
  )
  // Statistics and the visibility map as autovacuum leaves them.
  for (const table of ['events', 'runs', 'steps', 'run_history', 'effects', 'hires'])
    await pool.query(`vacuum (analyze) ${table}`)
  // What was filled in is on the disk before anything is measured.
  await pool.query('checkpoint')
}

/** On a connection of its own, which is closed afterwards. */
async function unchecked(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query(`set session_replication_role = replica; set synchronous_commit = off`)
    await work(client)
  } finally {
    client.release(true)
  }
}

interface Owner {
  readonly tenant: string
  readonly connection: string
}

/** The tenants that are there with HiBob, and as many more as make twenty. Nobody sweeps those, and nothing comes for them. */
async function ownersOf(pool: pg.Pool): Promise<readonly Owner[]> {
  const { rows } = await pool.query<Owner>(
    `select tenant_id as tenant, id as connection from connections where integration = 'hibob' order by id limit ${tenantCount}`,
  )
  const owners = [...rows]
  while (owners.length < tenantCount) {
    const owner = { tenant: newTenantId(), connection: newConnectionId() }
    const slug = `finished-${randomBytes(4).toString('hex')}`
    await pool.query(
      `insert into tenants (id, slug, api_url, sealed_api_key, sealed_signing_secrets, sweep_every_seconds)
       values ($1, $2, 'https://finished.example.com/api/v1', $3, $3, null)`,
      [owner.tenant, slug, randomBytes(80)],
    )
    await pool.query(
      `insert into connections (id, tenant_id, integration, enabled, settings, sealed_secrets)
       values ($1, $2, 'hibob', true, '{"site": "New York (Demo)"}', $3)`,
      [owner.connection, owner.tenant, randomBytes(120)],
    )
    owners.push(owner)
  }
  return owners
}

/** As src/base/ids.ts makes ids: 48 bits of time in ten digits of base 32, then twelve characters. */
const sortable = (at: string, seed: string) => {
  const milliseconds = `(extract(epoch from ${at}) * 1000)::bigint`
  const digits = Array.from(
    { length: 10 },
    (_, index) => `substr('${alphabet}', ((${milliseconds} >> ${5 * (9 - index)}) & 31)::int + 1, 1)`,
  )
  return `${digits.join(' || ')} || substr(${seed}, 1, 12)`
}

/** At most 160. */
const sealed = (bytes: number | string, seed: string) =>
  `substr(decode(repeat(md5(${seed}), 10), 'hex'), 1, ${bytes})`

/** Hire `i` of all, the same in every statement. */
const hires = `
  select i, given.seed, given.at, owner.tenant_id, owner.connection_id, (100000000 + i)::text as subject,
    ${sortable('given.at', 'given.seed')} as id,
    (array['refused', 'cancelled'])[i % 100 + 1] as failed,
    '33' || lpad(i::text, 17, '0') as person
  from generate_series($1::int, $2::int) as i
  cross join lateral (
    select $4::timestamptz - interval '1 year' * (($3::int - i + 1)::float8 / $3::int) as at, md5($5::text || i) as seed
  ) as given
  join unnest($6::text[], $7::text[]) with ordinality as owner (tenant_id, connection_id, number)
    on owner.number = i % ${tenantCount} + 1
  order by i`

const eventsSql = `
  with hires as materialized (${hires})
  insert into events (id, tenant_id, name, subject, triggered_at, identity, asked, sealed_body, received_at, last_delivery_at)
  select 'evt_' || id, tenant_id, 'application_hired', subject, date_trunc('second', at), sha256(seed::bytea), '{*}',
    ${sealed(147, 'seed')}, at, at
  from hires order by i`

const runsSql = `
  with hires as materialized (${hires})
  insert into runs (id, tenant_id, connection_id, event_id, integration, subject, state, turn, attempt, code, reason, result,
    created_at, updated_at, finished_at)
  select 'run_' || id || '_hibob', tenant_id, connection_id, 'evt_' || id, 'hibob', subject, coalesce(failed, 'done'),
    2, case failed when 'cancelled' then 0 else 1 end,
    case failed when 'refused' then 'pinpoint.application_gone' end,
    case failed when 'refused' then 'Application ' || subject || ' does not exist in Pinpoint any more.' end,
    case when failed is null then
      jsonb_build_object('did', 'created', 'how', 'created', 'recordId', person, 'warnings', '[]'::jsonb) end,
    at, at + interval '500 ms', at + interval '500 ms'
  from hires order by i`

const historySql = `
  with hires as materialized (${hires})
  insert into run_history (run_id, at, attempt, state)
  select 'run_' || id || '_hibob', at + later, attempt, state
  from hires
  cross join lateral (values
    (interval '0', 0, 'queued'),
    (interval '50 ms', 1, case when failed = 'cancelled' then null else 'running' end),
    (interval '500 ms', case failed when 'cancelled' then 0 else 1 end, coalesce(failed, 'done'))
  ) as told (later, attempt, state)
  where state is not null
  order by i, later`

/** Names as common as they are: some thousands of first names and of surnames. */
const hiresSql = `
  with hires as materialized (${hires})
  insert into hires (tenant_id, application, sealed_details, content_hash, email_hash, name_hashes, read_at)
  select tenant_id, subject, ${sealed(130, 'seed')}, sha256(seed::bytea), sha256(subject::bytea),
    array[sha256(('first ' || i % 2003)::bytea), sha256(('last ' || i % 4001)::bytea)], at
  from hires where failed is distinct from 'cancelled' order by i`

/** What a done hire has made, in its order. */
const made = `
  (1, 'employee', 'Employee in HiBob', person, 79),
  (2, 'document', 'CV in HiBob', substr(person, 12), 68),
  (3, 'comment', 'Comment in Pinpoint', substr(person, 13), 67)`

const stepsSql = `
  with hires as materialized (${hires})
  insert into steps (run_id, title, outcome, remote_id, attempt, sealed_output, started_at, finished_at)
  select 'run_' || id || '_hibob', title, 'created', remote_id, 1,
    ${sealed('output_bytes', 'seed || kind')},
    at + number * interval '100 ms', at + number * interval '130 ms'
  from hires cross join lateral (values ${made}) as made (number, kind, title, remote_id, output_bytes)
  where failed is null
  order by i, number`

const effectsSql = `
  with hires as materialized (${hires})
  insert into effects (id, connection_id, kind, key_hash, title, state, holder_run, made_by_run, attempted_at, how, remote_id,
    created_at, updated_at)
  select 'eff_' || ${sortable("at + number * interval '100 ms'", 'md5(seed || kind)')}, connection_id, kind,
    sha256((seed || kind)::bytea), title, 'done', 'run_' || id || '_hibob', 'run_' || id || '_hibob',
    at + number * interval '110 ms', 'created', remote_id, at + number * interval '100 ms', at + number * interval '130 ms'
  from hires cross join lateral (values ${made}) as made (number, kind, title, remote_id, output_bytes)
  where failed is null
  order by i, number`
