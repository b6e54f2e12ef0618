/** Who may start the embedded server, and from where: root, root in folders that only root can enter, and anybody else. */
// The copy of the programs in /var/lib/pinpoint-webhooks stays: another process may be using it.
import { access, chmod, chown, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { openPool } from '../../src/postgres/database.ts'
import { postmasterPid, type ProcessOptions, startProcess } from '../support/embedded-process.ts'
import { canReadCheckout, cloneForRootOnly, isRoot, ordinaryUser } from '../support/users.ts'

describe.runIf(isRoot)('embedded PostgreSQL', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'embedded-'))
  })
  afterEach(async () => {
    await rm(folder, { recursive: true })
  })

  /** Starts it twice, with a row written in between; tells who the server runs as and how it names its data. */
  const useTwice = async (dataDir: string, options: ProcessOptions = {}) => {
    const first = await startProcess(dataDir, options)
    const pool = openPool(first.url, 1)
    await pool.query('create table kept as select 1 as id')
    const { uid } = await stat(`/proc/${(await postmasterPid(dataDir)) ?? 0}`)
    await pool.end()
    await first.leave()
    const second = await startProcess(dataDir, options)
    const again = openPool(second.superuserUrl, 1)
    const { rows } = await again.query<{ id: number; named: string }>(
      `select id, current_setting('data_directory') as named from kept`,
    )
    await again.end()
    await second.leave()
    return { uid, ...rows[0] }
  }

  it('runs as an unprivileged user when root starts it', async () => {
    await chmod(folder, 0o755)
    const { uid, named } = await useTwice(join(folder, 'data'))
    expect(uid).not.toBe(0)
    expect(named).toBe(join(folder, 'data/postgres/data'))
  })

  it('keeps its data in a data folder that only root can enter', async () => {
    const dataDir = join(folder, 'root-only/data')
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    expect(await useTwice(dataDir)).toMatchObject({ id: 1, named: '/proc/self/cwd' })
    await access(join(dataDir, 'postgres/data/PG_VERSION'))
  })

  it('starts from a checkout that only root can enter', async () => {
    const clone = await cloneForRootOnly(folder, ['package.json', 'src', 'test/support'])
    expect(await useTwice(join(clone, 'data'), { checkout: clone })).toMatchObject({ id: 1 })
  })

  it.skipIf(!canReadCheckout())('runs as whoever starts it, and root can use it after that', async () => {
    const user = ordinaryUser()
    await chown(folder, user.uid, user.gid)
    const dataDir = join(folder, 'data')
    expect(await useTwice(dataDir, { user })).toMatchObject({ id: 1, uid: user.uid })
    const byRoot = await startProcess(dataDir)
    expect((await stat(`/proc/${(await postmasterPid(dataDir)) ?? 0}`)).uid).toBe(user.uid)
    const byUser = await startProcess(dataDir, { user })
    expect(byUser.adopted).toBe(true)
    await byRoot.leave()
    await byUser.leave()
    expect(await postmasterPid(dataDir)).toBeUndefined()
  })
})
