/** What may be chosen with `cdk -c name=value`. Unknown names of ours are refused: a misspelt one would be silently without effect. */
import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import { z } from 'zod'

const list = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(z.array(z.string().min(1)))
const number = (min: number, max: number) => z.coerce.number().int().min(min).max(max)
const flag = z
  .enum(['true', 'false'])
  .prefault('false')
  .transform((text) => text === 'true')

const retention = {
  7: RetentionDays.ONE_WEEK,
  14: RetentionDays.TWO_WEEKS,
  30: RetentionDays.ONE_MONTH,
  90: RetentionDays.THREE_MONTHS,
  180: RetentionDays.SIX_MONTHS,
  365: RetentionDays.ONE_YEAR,
} as const

const settings = z
  .strictObject({
    /** `secret`: a PostgreSQL that is there already. `aurora`: Aurora Serverless v2, made by the stack, in a VPC of its own. */
    database: z.enum(['secret', 'aurora']).prefault('secret'),
    /** Name or ARN of the secret that holds DATABASE_URL, or the JSON that RDS keeps. Not for `aurora`. */
    databaseSecret: z.string().prefault('pinpoint-webhooks/database-url'),
    /** Name or ARN. Made by hand, so that no deletion of a stack takes the keys along. */
    encryptionKeysSecret: z.string().prefault('pinpoint-webhooks/encryption-keys'),
    /** In front of `aurora`: shares its connections among instances of the functions. */
    rdsProxy: flag,
    auroraMaxCapacity: number(1, 128).prefault('4'),
    /** An own database that RDS runs: trusts the certificates of RDS, which Node does not know. */
    rdsCertificates: flag,
    /** For a database in a VPC that is there already: private subnets with a way out, and who may reach the database. */
    subnetIds: list.optional(),
    securityGroupIds: list.optional(),
    /** Instances at once; 0 reserves none. An account keeps 100 that nobody reserved, and a new one has fewer than that. */
    receiveConcurrency: number(0, 1_000).prefault('20'),
    workConcurrency: number(0, 1_000).prefault('5'),
    /** Runs at once in each instance of the work function. */
    workerConcurrency: number(1, 50).prefault('20'),
    logLevel: z.enum(['debug', 'info', 'warn', 'error']).prefault('info'),
    logRetentionDays: z
      .enum(['7', '14', '30', '90', '180', '365'])
      .prefault('90')
      .transform((days) => retention[days]),
    tracing: z.enum(['none', 'xray']).prefault('none'),
    /** Who is told of alarms; unset: subscribe to the topic yourself. */
    alarmEmail: z.email().optional(),
  })
  .superRefine(({ database, rdsProxy, subnetIds, securityGroupIds }, context) => {
    const wrong = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    if (rdsProxy && database !== 'aurora') wrong('rdsProxy', 'is for database=aurora')
    if ((subnetIds === undefined) !== (securityGroupIds === undefined))
      wrong('subnetIds', 'and securityGroupIds go together')
    if (subnetIds !== undefined && database === 'aurora')
      wrong('subnetIds', 'is not for database=aurora, which makes its own')
  })

export type Settings = z.output<typeof settings>

/** Throws an error that names every fault. */
export function readSettings(given: Readonly<Record<string, unknown>>): Settings {
  const checked = settings.safeParse(given)
  if (checked.success) return checked.data
  const faults = checked.error.issues.map(({ path, message }) => `  -c ${path.join('.')}: ${message}`)
  throw new Error(`These settings are not valid:\n${faults.join('\n')}`)
}
