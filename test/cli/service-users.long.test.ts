// Who may start the service, and from where: root, root in a checkout that only root can enter, and anybody else.
// The copy of the programs in /var/lib/pinpoint-webhooks stays: another process may be using it.
import { chown, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { runJson } from '../support/command.ts'
import { postmasterPid } from '../support/embedded-process.ts'
import { type ServiceProcessOptions, startServiceProcess } from '../support/service-process.ts'
import { canReadCheckout, cloneForRootOnly, isRoot, ordinaryUser } from '../support/users.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

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
    const clone = await cloneForRootOnly(join(folder, 'root-only'), [
      'package.json',
      'src',
      'sandbox',
      'migrations',
      'bin',
    ])
    const { service, database } = await live(join(clone, 'data'), { checkout: clone })
    expect(service).toBe(0)
    expect(database).not.toBe(0)
  })

  it.skipIf(!canReadCheckout())('runs as an ordinary user, database included', async () => {
    const user = ordinaryUser()
    await chown(folder, user.uid, user.gid)
    expect(await live(join(folder, 'data'), { user })).toEqual({ service: user.uid, database: user.uid })
  })
})

async function uidOf(pid: number): Promise<number> {
  return (await stat(`/proc/${pid}`)).uid
}
