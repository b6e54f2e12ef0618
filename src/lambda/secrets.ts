/** The configuration of a function: its environment, and the secrets of Secrets Manager. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

import { NeedsPerson } from '../base/failure.ts'
import { type Config, type Environment, readConfig } from '../config/environment.ts'
import { databaseUrlOf } from './database-secret.ts'
import type { LambdaSettings } from './environment.ts'

export async function readSecretConfig(env: Environment, settings: LambdaSettings): Promise<Config> {
  const client = new SecretsManagerClient({ maxAttempts: 3 })
  try {
    const [database, keys] = await Promise.all([
      readSecret(client, settings.databaseSecret),
      readSecret(client, settings.keysSecret),
    ])
    return readConfig({
      ...env,
      DATABASE_URL: databaseUrlOf(database, settings.databaseHost),
      // A host other than the database's own is a proxy.
      ...(settings.databaseHost !== undefined && { DATABASE_POOLED: 'true' }),
      ENCRYPTION_KEYS: keys,
    })
  } finally {
    client.destroy()
  }
}

async function readSecret(client: SecretsManagerClient, arn: string): Promise<string> {
  const { SecretString: text } = await client.send(new GetSecretValueCommand({ SecretId: arn }))
  if (text === undefined || text.trim() === '') {
    throw new NeedsPerson('lambda.secret_empty', `The secret ${arn} holds no text.`, {
      fix: 'Store its value as text (SecretString), as docs/deploy/aws.md shows.',
    })
  }
  return text
}
