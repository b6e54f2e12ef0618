// The generated encryption key: one for all processes of a data folder, for its owner only.
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { loadEncryptionKeys } from '../../src/keys/encryption-keys.ts'

let dataDir = ''
let warnings: string[] = []
const load = () => loadEncryptionKeys({ encryptionKeys: undefined, dataDir }, (line) => warnings.push(line))

beforeEach(async () => {
  warnings = []
  dataDir = join(await mkdtemp(join(tmpdir(), 'keys-')), 'data')
})
afterEach(() => rm(join(dataDir, '..'), { recursive: true }))

describe('The encryption key', () => {
  it('is generated once, for its owner only, with a warning', async () => {
    const [key] = await load()
    expect(key?.bytes).toHaveLength(32)
    expect((await stat(join(dataDir, 'encryption-keys'))).mode & 0o777).toBe(0o600)
    expect(warnings).toHaveLength(1)
    expect(await load()).toEqual([key])
    expect(warnings).toHaveLength(1)
  })

  it('is never printed in the warning', async () => {
    const [key] = await load()
    expect(warnings.join()).not.toContain(Buffer.from(key?.bytes ?? []).toString('base64'))
  })

  it('is the same for twenty that start at the same moment, and nothing else is left behind', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, load))
    expect(new Set(all.map((keys) => JSON.stringify(keys))).size).toBe(1)
    expect(warnings).toHaveLength(1)
    expect(await readdir(dataDir)).toEqual(['encryption-keys'])
  })

  it('is the same for several processes', async () => {
    const module = new URL('../../src/keys/encryption-keys.ts', import.meta.url).href
    const script = `import(${JSON.stringify(module)}).then(async ({ loadEncryptionKeys }) =>
      process.stdout.write(JSON.stringify(await loadEncryptionKeys({ dataDir: process.argv[1] }, () => {}))))`
    const run = () => promisify(execFile)(process.execPath, ['-e', script, dataDir])
    const printed = await Promise.all([run(), run(), run()])
    expect(new Set(printed.map(({ stdout }) => stdout)).size).toBe(1)
    expect(printed[0].stdout).toContain('local-')
  })

  it('of the environment comes first, and nothing is written then', async () => {
    const given = [{ id: 'k1', bytes: new Uint8Array(32) }]
    expect(await loadEncryptionKeys({ encryptionKeys: given, dataDir }, (line) => warnings.push(line))).toBe(
      given,
    )
    await expect(stat(dataDir)).rejects.toThrow('ENOENT')
  })

  it('that other users can read is used with a warning', async () => {
    await load()
    await chmod(join(dataDir, 'encryption-keys'), 0o644)
    await load()
    expect(warnings[1]).toContain('chmod 600')
  })

  it('is not replaced when its file is broken', async () => {
    await load()
    await writeFile(join(dataDir, 'encryption-keys'), 'local-1:half')
    await expect(load()).rejects.toMatchObject({ code: 'config.key_file_broken' })
    expect(await readFile(join(dataDir, 'encryption-keys'), 'utf8')).toBe('local-1:half')
  })

  it('says what to do when the data folder cannot be one', async () => {
    await writeFile(dataDir, 'a file')
    await expect(load()).rejects.toMatchObject({ code: 'config.key_file_unusable' })
  })
})
