/** What the functions need beside the service's own environment: where its secrets are, and which function to invoke. */
import { z } from 'zod'

import { NeedsPerson } from '../base/failure.ts'
import { checkAgainst, faultLine } from '../base/fault.ts'
import type { Environment } from '../config/environment.ts'

/** Secrets are in Secrets Manager: everybody who may describe a function can read its environment. */
const lambdaEnvironment = z.object({
  /** A connection string, or the JSON that RDS stores for a database user. */
  DATABASE_URL_SECRET: z.string(),
  ENCRYPTION_KEYS_SECRET: z.string(),
  /** Replaces the host in the JSON of RDS: a proxy. */
  DATABASE_HOST: z.string().optional(),
  /** Name or ARN of the work function. */
  WORK_FUNCTION: z.string(),
})

export interface LambdaSettings {
  readonly databaseSecret: string
  readonly keysSecret: string
  readonly databaseHost: string | undefined
  readonly workFunction: string
}

export function readLambdaSettings(env: Environment): LambdaSettings {
  const checked = checkAgainst(lambdaEnvironment, env)
  if (!checked.ok) {
    const faults = checked.faults.map(faultLine).join('; ')
    throw new NeedsPerson(
      'lambda.environment_invalid',
      `The function's environment is not valid: ${faults}.`,
      {
        fix: 'Deploy the function with the stack in deploy/aws, which sets these variables.',
      },
    )
  }
  const { value } = checked
  return {
    databaseSecret: value.DATABASE_URL_SECRET,
    keysSecret: value.ENCRYPTION_KEYS_SECRET,
    databaseHost: value.DATABASE_HOST,
    workFunction: value.WORK_FUNCTION,
  }
}
