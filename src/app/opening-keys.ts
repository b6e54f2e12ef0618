/** The keys for a database that is there: made where nothing is sealed yet, and never beside what other keys have sealed. */
import { createSealer, type EncryptionKey } from '../base/seal.ts'
import type { Config } from '../config/environment.ts'
import type { Database } from '../embedded-postgres/database.ts'
import { existingEncryptionKeys, keysMissing, loadEncryptionKeys } from '../keys/encryption-keys.ts'
import { opensWith } from '../keys/store/installation-keys.ts'
import type { Log } from '../observe/log.ts'
import { migrate } from '../postgres/migrate.ts'
import { migrationSteps } from '../privacy/store/rekey.ts'

export async function openKeys(
  config: Config,
  { pool, log }: Pick<Database, 'pool'> & { readonly log: Log },
): Promise<readonly EncryptionKey[]> {
  // In this order: another process that starts on a new database makes its key before it seals anything.
  if (
    config.encryptionKeys === undefined &&
    (await opensWith(pool, [])) === 'no keys' &&
    (await existingEncryptionKeys(config)).length === 0
  )
    throw keysMissing(config.dataDir)
  return loadEncryptionKeys(config, (message) => log.warn({}, message))
}

/** The names of the migrations that this call applied. */
export async function migrateDatabase(
  config: Config,
  { pool, log }: Pick<Database, 'pool'> & { readonly log: Log },
): Promise<readonly string[]> {
  return migrate(pool, {
    steps: migrationSteps(async () => createSealer(await openKeys(config, { pool, log }))),
  })
}
