/**
 * The encryption keys: from the environment, or generated once into the data folder. Processes that start at the same moment on one
 * data folder agree on one key, and a crash while writing leaves no partial key.
 */
import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { NeedsPerson } from '../base/failure.ts'
import { checkAgainst, faultLine } from '../base/fault.ts'
import type { EncryptionKey } from '../base/seal.ts'
import type { Config } from '../config/environment.ts'
import { encryptionKeyList, keyListText } from '../config/key-list.ts'

/** The key file, used when the environment has no keys. */
export const keyFileOf = (dataDir: string): string => join(dataDir, 'encryption-keys')

export async function loadEncryptionKeys(
  config: Pick<Config, 'encryptionKeys' | 'dataDir'>,
  warn: (message: string) => void,
): Promise<readonly EncryptionKey[]> {
  if (config.encryptionKeys !== undefined) return config.encryptionKeys
  const path = keyFileOf(config.dataDir)
  try {
    const existing = await readOrUndefined(path)
    if (existing !== undefined) return await readKeys(existing, path, warn)
    await generate(config.dataDir, path, warn)
    return await readKeys(await readFile(path, 'utf8'), path, warn)
  } catch (error) {
    if (isErrno(error)) throw unusable(path, error)
    throw error
  }
}

/** The existing keys. Generates none. */
export async function existingEncryptionKeys({
  encryptionKeys,
  dataDir,
}: Pick<Config, 'encryptionKeys' | 'dataDir'>): Promise<readonly EncryptionKey[]> {
  if (encryptionKeys !== undefined) return encryptionKeys
  const path = keyFileOf(dataDir)
  try {
    const text = await readOrUndefined(path)
    return text === undefined ? [] : await readKeys(text, path, () => {})
  } catch (error) {
    if (isErrno(error)) throw unusable(path, error)
    throw error
  }
}

async function readKeys(text: string, path: string, warn: (message: string) => void) {
  const checked = checkAgainst(encryptionKeyList, text.trim())
  if (!checked.ok) {
    throw new NeedsPerson('config.key_file_broken', `${path} ${checked.faults.map(faultLine).join('; ')}.`, {
      fix: 'Restore the file from a backup: without its keys, what they sealed in the database cannot be read.',
    })
  }
  // Windows has no such bits, and reports every file as readable by all.
  const { mode } = await stat(path)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    warn(`${path} can be read by other users. Run: chmod 600 ${path}`)
  return checked.value
}

/** Written whole under another name, then linked: `link` refuses to replace, so the first process wins. */
async function generate(dataDir: string, path: string, warn: (message: string) => void): Promise<void> {
  await mkdir(dataDir, { recursive: true })
  const key = { id: `local-${randomBytes(3).toString('hex')}`, bytes: randomBytes(32) }
  const temporary = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await writeDurably(temporary, `${keyListText([key])}\n`)
    await link(temporary, path)
  } catch (error) {
    if (isErrno(error) && error.code === 'EEXIST') return
    throw error
  } finally {
    await rm(temporary, { force: true })
  }
  await syncFolder(dataDir)
  warn(
    `Generated the encryption key "${key.id}" into ${path}. Back it up, or set ENCRYPTION_KEYS: without it, sealed data is lost.`,
  )
}

async function writeDurably(path: string, text: string): Promise<void> {
  await using file = await open(path, 'wx', 0o600)
  await file.writeFile(text)
  await file.sync()
}

/** The new name must survive a power cut, since rows sealed with the key might. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  await using folder = await open(path, 'r')
  await folder.sync()
}

async function readOrUndefined(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') return undefined
    throw error
  }
}

function isErrno(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}

function unusable(path: string, cause: NodeJS.ErrnoException): NeedsPerson {
  return new NeedsPerson(
    'config.key_file_unusable',
    `${path} cannot be read or written (${cause.code ?? 'unknown'}).`,
    {
      fix: 'Make DATA_DIR a folder that this user may write to, or set ENCRYPTION_KEYS.',
      cause,
    },
  )
}

/** Thrown instead of generating keys where data is already sealed with others. */
export function keysMissing(dataDir: string): NeedsPerson {
  return new NeedsPerson(
    'config.keys_missing',
    `The database holds what was sealed with keys that are not here: ENCRYPTION_KEYS is not set, and there is no ${keyFileOf(dataDir)}.`,
    { fix: 'Bring back ENCRYPTION_KEYS or DATA_DIR/encryption-keys as they were.' },
  )
}
