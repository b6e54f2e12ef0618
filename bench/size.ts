/**
 * What a hire leaves behind in PostgreSQL, and what it costs there: rows and bytes of each table, WAL, commits, processor
 * time, calls outside. The difference between two moments of one database, so that what is empty at first does not count.
 * On Linux only, which tells what a process has computed.
 *
 *   npm run bench:size -- [--hires 2000] [--rate 25] [--json]
 */
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { arch, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'

import type pg from 'pg'

import { startEmbedded } from '../src/embedded-postgres/embedded.ts'
import { superuserUrl } from '../src/embedded-postgres/superuser.ts'
import { silentLog } from '../src/observe/log.ts'
import { openPool } from '../src/postgres/database.ts'
import { openLoop } from './support/open-loop.ts'
import { type BenchWorld, openBenchWorld } from './support/world.ts'

const { values } = parseArgs({
  options: {
    hires: { type: 'string', default: '2000' },
    rate: { type: 'string', default: '25' },
    json: { type: 'boolean', default: false },
  },
})
const hires = positive('hires', values.hires)
const perSecond = positive('rate', values.rate)
/** Before the first look: pages that every table has, and code that is compiled once, are not a hire's. */
const warmUp = Math.min(200, hires)

interface Table {
  readonly name: string
  readonly rows: number
  /** With indexes and what is stored apart. */
  readonly bytes: number
}

interface Look {
  readonly tables: readonly Table[]
  readonly walBytes: number
  /** Of them, whole pages after a checkpoint: fewer the further apart checkpoints are. */
  readonly walPageImages: number
  readonly commits: number
  readonly postgresSeconds: number
  readonly serviceSeconds: number
  readonly calls: Readonly<Record<string, number>>
}

const folder = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-bench-size-'))
const postgres = await startEmbedded({ dataDir: folder, log: silentLog })
const pool = openPool(await superuserUrl(postgres), 2)
try {
  const world = await openBenchWorld({ databaseUrl: postgres.url })
  try {
    const url = `${world.serviceUrl}/webhooks/pinpoint/acme`
    await openLoop(url, await world.hires(warmUp), perSecond)
    await allDone(world, warmUp)
    const before = await look(world)
    const began = performance.now()
    await openLoop(url, await world.hires(hires), perSecond)
    await allDone(world, warmUp + hires)
    const seconds = (performance.now() - began) / 1000
    const after = await look(world)
    // Packed: what is left when the space of old row versions has been given back.
    await pool.query('vacuum (full, analyze)')
    report({ before, after, packed: await tables(), seconds })
  } finally {
    await world.close()
  }
} finally {
  await pool.end()
  await postgres.release()
  await rm(folder, { recursive: true, force: true })
}

/** Each hire ends with its comment; then its run is settled. */
async function allDone(world: BenchWorld, count: number): Promise<void> {
  while (((await world.counts())['comments'] ?? 0) < count) await pause(200)
  for (;;) {
    const { rows } = await pool.query<{ left: number }>(
      `select count(*)::int as left from runs where state <> 'done'`,
    )
    if (rows[0]?.left === 0) return
    await pause(100)
  }
}

async function look({ sandboxUrl, service }: BenchWorld): Promise<Look> {
  // Dead row versions are taken away first, as autovacuum does; the space stays.
  await pool.query('vacuum (analyze)')
  const ledger = (await (await fetch(`${sandboxUrl}/_sandbox/ledger`)).json()) as Pick<Look, 'calls'>
  const { walBytes, walPageImages, commits, postmaster } = await counters(pool)
  return {
    tables: await tables(),
    walBytes,
    walPageImages,
    commits,
    postgresSeconds: secondsOf(postmaster, { withChildren: true }),
    serviceSeconds: secondsOf(service.child.pid ?? 0),
    calls: ledger.calls,
  }
}

async function counters(on: pg.Pool) {
  const { rows } = await on.query<{
    readonly wal_bytes: number
    readonly page_images: number
    readonly commits: number
    readonly postmaster: number
  }>(
    `select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as wal_bytes, wal_fpi::float8 as page_images,
       xact_commit::float8 as commits, split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int as postmaster
     from pg_stat_wal, pg_stat_database where datname = current_database()`,
  )
  const [row] = rows
  if (row === undefined) throw new Error('PostgreSQL counts nothing')
  return {
    walBytes: row.wal_bytes,
    walPageImages: row.page_images,
    commits: row.commits,
    postmaster: row.postmaster,
  }
}

/** Partitions count as part of their table. */
async function tables(): Promise<readonly Table[]> {
  const { rows } = await pool.query<Table>(
    `select case schemaname when 'public' then '' else schemaname || '.' end
         || coalesce((select parent.relname from pg_inherits join pg_class parent on parent.oid = inhparent
              where inhrelid = relid), relname) as name,
       sum(n_live_tup)::float8 as rows, sum(pg_total_relation_size(relid))::float8 as bytes
     from pg_stat_user_tables group by 1 order by 1`,
  )
  return rows
}

/** User and system time, in hundredths of a second as Linux counts it; of children that have ended too. */
function secondsOf(pid: number, { withChildren = false } = {}): number {
  const fieldsOf = (one: number) => {
    const text = readFileSync(`/proc/${one}/stat`, 'utf8')
    return text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
  }
  const own = (fields: readonly number[], ...at: readonly number[]) =>
    at.reduce((sum, index) => sum + (fields[index] ?? 0), 0)
  if (!withChildren) return own(fieldsOf(pid), 11, 12) / 100
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => fieldsIfThere(Number(name)))
    .filter((fields) => fields?.[1] === pid)
  const running = children.reduce((sum, fields) => sum + own(fields ?? [], 11, 12), 0)
  return (own(fieldsOf(pid), 11, 12, 13, 14) + running) / 100

  function fieldsIfThere(one: number): readonly number[] | undefined {
    try {
      return fieldsOf(one)
    } catch {
      // It ended between the listing and the look.
      return undefined
    }
  }
}

function report(measured: {
  readonly before: Look
  readonly after: Look
  readonly packed: readonly Table[]
  readonly seconds: number
}): void {
  const { before, after, packed, seconds } = measured
  const each = (was: number, is: number) => (is - was) / hires
  const of = (list: readonly Table[], name: string) => list.find((table) => table.name === name)
  const perHire = after.tables.map(({ name, rows, bytes }) => ({
    name,
    rows: each(of(before.tables, name)?.rows ?? 0, rows),
    bytes: each(of(before.tables, name)?.bytes ?? 0, bytes),
    // The warm-up is in it: packed, it differs from the rest in nothing.
    packedBytes: (of(packed, name)?.bytes ?? 0) / (hires + warmUp),
  }))
  const result = {
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'} (${arch()}), Node ${process.version}`,
    hires,
    seconds: Math.round(seconds),
    perHire,
    walBytes: each(before.walBytes, after.walBytes),
    walPageImages: each(before.walPageImages, after.walPageImages),
    commits: each(before.commits, after.commits),
    postgresMilliseconds: each(before.postgresSeconds, after.postgresSeconds) * 1000,
    serviceMilliseconds: each(before.serviceSeconds, after.serviceSeconds) * 1000,
    calls: Object.fromEntries(
      Object.entries(after.calls)
        .map(([name, count]) => [name, each(before.calls[name] ?? 0, count)] as const)
        .filter(([, count]) => count > 0),
    ),
  }
  if (values.json) console.log(JSON.stringify(result, null, 2))
  else tell(result)
}

function tell(result: {
  readonly machine: string
  readonly seconds: number
  readonly perHire: readonly (Table & { readonly packedBytes: number })[]
  readonly walBytes: number
  readonly walPageImages: number
  readonly commits: number
  readonly postgresMilliseconds: number
  readonly serviceMilliseconds: number
  readonly calls: Readonly<Record<string, number>>
}): void {
  console.log(`${result.machine}; ${hires} hires in ${result.seconds} s\n`)
  console.log('table                      rows   bytes a hire         packed')
  const line = (name: string, rows: string, ...figures: readonly number[]) =>
    console.log(
      name.padEnd(24) + rows.padStart(7) + figures.map((one) => one.toFixed(0).padStart(15)).join(''),
    )
  const grown = result.perHire.filter(({ rows, bytes }) => rows >= 0.01 || bytes >= 1)
  for (const { name, rows, bytes, packedBytes } of grown) line(name, rows.toFixed(2), bytes, packedBytes)
  const sum = (of: (table: (typeof grown)[number]) => number) =>
    grown.reduce((all, table) => all + of(table), 0)
  line(
    'together',
    '',
    sum(({ bytes }) => bytes),
    sum(({ packedBytes }) => packedBytes),
  )
  console.log(`\nWAL                    ${result.walBytes.toFixed(0)} bytes a hire`)
  console.log(`whole pages in it      ${result.walPageImages.toFixed(2)} a hire`)
  console.log(`commits                ${result.commits.toFixed(2)} a hire`)
  console.log(`processor, PostgreSQL  ${result.postgresMilliseconds.toFixed(1)} ms a hire`)
  console.log(`processor, service     ${result.serviceMilliseconds.toFixed(1)} ms a hire`)
  for (const [name, count] of Object.entries(result.calls)) {
    console.log(`call                   ${count.toFixed(2)} ${name}`)
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (value > 0) return value
  throw new Error(`--${name} takes a positive number, not "${text}"`)
}
