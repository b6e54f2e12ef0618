/** A PgBouncer in transaction mode in front of one database, as an ordinary user: it refuses to run as root. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { freePort } from '../../src/embedded-postgres/free-port.ts'
import { openPool } from '../../src/postgres/database.ts'
import { until } from './until.ts'

const nobody = { uid: 65_534, gid: 65_534 }

/** Such as `1.18.0`; undefined, and a line that says so, where it is not installed. */
export function pgbouncerVersion(): string | undefined {
  const { error, stdout } = spawnSync('pgbouncer', ['--version'], { encoding: 'utf8' })
  if (error === undefined) return /^PgBouncer (\S+)/m.exec(stdout)?.[1]
  process.stdout.write('Skipped: pgbouncer is not installed.\n')
  return undefined
}

export interface Pgbouncer {
  /** The same database, through it. */
  readonly url: string
  /** Its connections to the server, by its own account: a server may not have noticed yet that one was closed. */
  connections(): Promise<number>
  close(): Promise<void>
}

export async function startPgbouncer(
  databaseUrl: string,
  { poolSize }: { readonly poolSize: number },
): Promise<Pgbouncer> {
  const { hostname, port, username, password, pathname } = new URL(databaseUrl)
  const folder = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-pgbouncer-'))
  const own = await freePort()
  const file = join(folder, 'pgbouncer.ini')
  await writeFile(
    file,
    `[databases]
${pathname.slice(1)} = host=${hostname} port=${port} user=${username} password=${decodeURIComponent(password)}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${poolSize}
max_client_conn = 200
`,
  )
  const user = process.getuid?.() === 0 ? nobody : undefined
  if (user !== undefined) for (const path of [folder, file]) await chown(path, user.uid, user.gid)
  await chmod(file, 0o600)
  const child = spawn('pgbouncer', [file], { ...user, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => output.push(String(text)))
  await until('pgbouncer to listen', () => {
    if (hasEnded(child)) throw new Error(`pgbouncer ended:\n${output.join('')}`)
    return output.join('').includes(`listening on 127.0.0.1:${own}`)
  })
  const url = new URL(databaseUrl)
  url.port = String(own)
  url.password = ''
  // It believes everybody, and proves nothing.
  url.search = ''
  const console = new URL(url)
  console.pathname = 'pgbouncer'
  const admin = openPool(console.href, 1, { pooled: true })
  return {
    url: url.href,
    connections: async () => (await admin.query('show servers')).rows.length,
    async close() {
      await admin.end()
      if (!hasEnded(child)) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null
