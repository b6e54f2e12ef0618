/** `backup` */
import { type BackedUp, backUp } from '../backup/backup.ts'
import { counted } from '../base/duration.ts'
import { NeedsPerson } from '../base/failure.ts'
import { hasDatabase } from '../embedded-postgres/database.ts'
import { copyKeys, type KeysInUse, keysInUse } from './backup-keys.ts'
import type { Command, CommandContext, CommandResult } from './command.ts'
import { withDatabase } from './with-store.ts'

export const backup: Command = {
  name: 'backup',
  summary: 'Copy the embedded PostgreSQL while it runs, whole and as of one moment',
  details:
    'What it writes is a DATA_DIR: to restore, start a service on a copy of it. The encryption keys are not in it, and without ' +
    'them it cannot be read: `--keys` writes a copy of their file to another place. For a PostgreSQL of your own: pg_dump or ' +
    'pg_basebackup, see docs/operate/backup-and-restore.md.',
  arguments: [{ name: 'FOLDER', description: 'Where it goes: a folder that is empty or not there yet' }],
  options: [{ name: 'keys', value: 'FILE', description: 'Also copy the file of the encryption keys, there' }],
  examples: [
    'backup /backups/2026-11-25',
    'backup /backups/2026-11-25 --keys /safe/pinpoint-webhooks.keys --json',
  ],
  prints: 'data',
  database: 'changes',
  async run(context) {
    const config = context.config()
    if (config.databaseUrl !== undefined) throw notEmbedded()
    // Opening it would create an empty database, and a backup of that is worse than none.
    if (!(await hasDatabase(config.dataDir))) throw nothingThere(config.dataDir)
    const keys = await keysInUse(config)
    const folder = context.input.argument('FOLDER')
    const wanted = context.input.option('keys')
    const apartFrom = [folder, config.dataDir]
    const file = wanted === undefined ? undefined : await copyKeys(keys, { to: wanted, apartFrom })
    return copy(context, { folder, keys, file })
  },
}

async function copy(
  context: CommandContext,
  {
    folder,
    keys,
    file,
  }: { readonly folder: string; readonly keys: KeysInUse; readonly file: string | undefined },
): Promise<CommandResult> {
  return withDatabase(context, async ({ embedded }) => {
    if (embedded === undefined) throw notEmbedded()
    const { signal, progress } = context
    const onProgress = (copied: Size) => progress(`copied ${sizeText(copied)}`)
    const made = await backUp({ embedded, folder, signal, onProgress })
    return {
      data: {
        ...made,
        keys: { ids: [...keys.ids], from: keys.file ?? 'ENCRYPTION_KEYS', copy: file ?? null },
      },
      text: `Backed up ${sizeText(made)} to ${made.folder} (PostgreSQL ${made.postgres}).\n${keysText(keys, file)}`,
    }
  })
}

type Size = Pick<BackedUp, 'files' | 'bytes'>

function sizeText({ files, bytes }: Size): string {
  return `${(bytes / 1e6).toFixed(0)} MB in ${counted(files, 'file')}`
}

function keysText({ ids, file: source }: KeysInUse, copy: string | undefined): string {
  const named = `${source ?? 'ENCRYPTION_KEYS'} (${ids.join(', ')})`
  if (copy !== undefined) return `It cannot be read without ${named}: a copy is in ${copy}.`
  const how = source === undefined ? '' : ', as --keys FILE does'
  return `WARNING: it cannot be read without ${named}, which is not in it. Keep a copy of that in another place${how}.`
}

function nothingThere(dataDir: string): NeedsPerson {
  return new NeedsPerson('backup.nothing_there', `There is no database in the data folder ${dataDir}.`, {
    fix: 'Run this with the DATA_DIR of the service: a relative one counts from the folder in which it runs.',
  })
}

function notEmbedded(): NeedsPerson {
  return new NeedsPerson(
    'backup.not_embedded',
    'DATABASE_URL names a PostgreSQL of your own, which this cannot copy.',
    {
      fix: 'Use pg_dump, pg_basebackup or the snapshots of whoever runs it: docs/operate/backup-and-restore.md.',
    },
  )
}
