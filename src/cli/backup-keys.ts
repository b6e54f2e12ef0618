/** The keys for a backup, which cannot be read without them. They belong in another place: whoever finds both can read everything. */
import { open, readFile } from 'node:fs/promises'
import { resolve } from 'node:path'

import { NeedsPerson } from '../base/failure.ts'
import { checkAgainst } from '../base/fault.ts'
import type { Config } from '../config/environment.ts'
import { encryptionKeyList } from '../config/key-list.ts'
import { ifThere } from '../embedded-postgres/if-there.ts'
import { isInside } from '../embedded-postgres/inside.ts'
import { keyFileOf } from '../keys/encryption-keys.ts'

/** Where the keys of the backup are, and their ids, which are not secret. */
export interface KeysInUse {
  readonly ids: readonly string[]
  /** Undefined: the environment. */
  readonly file: string | undefined
  readonly text: string
}

export async function keysInUse({ encryptionKeys, dataDir }: Config): Promise<KeysInUse> {
  if (encryptionKeys !== undefined) {
    return { ids: encryptionKeys.map(({ id }) => id), file: undefined, text: '' }
  }
  const file = keyFileOf(dataDir)
  let cause: unknown
  try {
    const text = await readFile(file, 'utf8')
    const checked = checkAgainst(encryptionKeyList, text.trim())
    if (checked.ok) return { ids: checked.value.map(({ id }) => id), file, text }
  } catch (error) {
    if (!isErrno(error)) throw error
    cause = error
  }
  throw new NeedsPerson(
    'backup.no_keys',
    `${file} has no keys that can be read, and ENCRYPTION_KEYS is not set.`,
    {
      fix: 'Run this as the user of the service and with its environment: DATA_DIR, and ENCRYPTION_KEYS if it is set there.',
      cause,
    },
  )
}

/** Copies their file, and never overwrites an existing one. */
export async function copyKeys(
  keys: KeysInUse,
  { to, apartFrom }: { readonly to: string; readonly apartFrom: readonly string[] },
): Promise<string> {
  if (keys.file === undefined) {
    throw new NeedsPerson(
      'backup.keys_in_environment',
      'The keys come from ENCRYPTION_KEYS: there is no file to copy.',
      { fix: 'Leave out --keys, and see that ENCRYPTION_KEYS is kept where the backup is not.' },
    )
  }
  const file = resolve(to)
  for (const other of apartFrom) {
    if (!(await isInside(file, other))) continue
    throw new NeedsPerson('backup.keys_beside', `${file} is in ${other}, where the database is.`, {
      fix: 'Give a file in another place: whoever has the database and its keys can read everything.',
    })
  }
  await writeOnce(file, keys.text)
  return file
}

async function writeOnce(file: string, text: string): Promise<void> {
  try {
    const there = await ifThere(readFile(file, 'utf8'))
    if (there === text) return
    if (there !== undefined) throw differs(file)
    await using handle = await open(file, 'wx', 0o600)
    await handle.writeFile(text)
    await handle.sync()
  } catch (cause) {
    if (!isErrno(cause)) throw cause
    throw new NeedsPerson('backup.keys_not_written', `${file} cannot be written.`, {
      fix: 'Give a file in a folder that is there and that this user may write to.',
      cause,
    })
  }
}

function differs(file: string): NeedsPerson {
  return new NeedsPerson('backup.keys_differ', `${file} is there and holds something else.`, {
    fix: 'Give another file: older backups may need the keys in that one.',
  })
}

function isErrno(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}
