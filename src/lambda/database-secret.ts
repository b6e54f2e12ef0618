/** The connection string from a secret: the secret itself, or made from the JSON that RDS stores and rotates. */
import { z } from 'zod'

import { NeedsPerson } from '../base/failure.ts'

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html */
const rdsSecret = z.object({
  username: z.string(),
  password: z.string(),
  host: z.string(),
  port: z.coerce.string().default('5432'),
  dbname: z.string().default('postgres'),
})

/** `host`: replaces the host in the JSON, for a proxy. A connection string is used unchanged. */
export function databaseUrlOf(secret: string, host?: string): string {
  if (!secret.trimStart().startsWith('{')) return secret
  const parsed = rdsSecret.safeParse(jsonOrUndefined(secret))
  if (!parsed.success) {
    // The message names wrong keys, never values.
    const keys = parsed.error.issues.map(({ path }) => path.join('.') || 'the whole').join(', ')
    throw new NeedsPerson(
      'lambda.database_secret_invalid',
      `The database secret is neither a connection string nor the JSON of RDS (${keys}).`,
      { fix: 'Store postgresql://user:password@host:5432/name, or the JSON that RDS makes, in that secret.' },
    )
  }
  const { username, password, host: own, port, dbname } = parsed.data
  const user = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`
  // RDS accepts TLS connections only, and its certificate is checked: see NODE_EXTRA_CA_CERTS in deploy/aws.
  return `postgresql://${user}@${host ?? own}:${port}/${encodeURIComponent(dbname)}?sslmode=verify-full`
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
