/** The environment: every variable is described once; parsing, the summary and the reference page follow from that. */
import { resolve } from 'node:path'

import { z } from 'zod'

import { NeedsPerson } from '../base/failure.ts'
import { checkAgainst, faultLine } from '../base/fault.ts'
import type { DeclaredWindow } from '../base/rate-limit.ts'
import type { EncryptionKey } from '../base/seal.ts'
import { encryptionKeyList } from './key-list.ts'
import { listeningVariables, portAfter } from './listening.ts'
import { type LogLevel, logVariables } from './logging.ts'
import { pinpointLimitsVariable } from './pinpoint-limits.ts'
import { privateVariables } from './private-destinations.ts'
import { givenIn, type Proxies, proxiesOf, proxyVariables } from './proxies.ts'
import { quotaVariables } from './quotas.ts'
import { trustedProxiesVariable } from './trusted-proxies.ts'
import { variableMeta, wholeNumber } from './variable.ts'
import { vendorVariable } from './vendor-name.ts'

const postgresUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\//, { error: 'must start with postgresql://', abort: true })
  .refine(
    (text) => URL.canParse(text),
    'is not a well-formed URL (escape special characters of the password)',
  )

const variables = z.object({
  ...listeningVariables,
  ...trustedProxiesVariable,
  DATABASE_URL: postgresUrl.optional().register(variableMeta, {
    description:
      'The PostgreSQL database (version 15 or later) that stores everything. On another machine, use `?sslmode=verify-full`: ' +
      'otherwise its traffic can be read and its answers forged on the way, and `doctor` warns about it.',
    accepts: '`postgresql://user:password@host:port/name`',
    secret: true,
    unset: 'a PostgreSQL server of its own is started, with its data under `DATA_DIR`',
  }),
  DATABASE_DIRECT_URL: postgresUrl.optional().register(variableMeta, {
    description:
      'The same database without the pooler: one connection of each process listens there for wake-ups. Set it when ' +
      '`DATABASE_URL` goes through PgBouncer in transaction mode, which does not pass notifications on.',
    accepts: '`postgresql://user:password@host:port/name`',
    secret: true,
    unset: 'wake-ups are listened for through `DATABASE_URL`',
  }),
  DATABASE_POOLED: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .register(variableMeta, {
      description:
        'Whether `DATABASE_URL` goes through a pooler, such as PgBouncer or RDS Proxy. Statements are then not prepared, which ' +
        'costs some speed.',
      accepts: '`true` or `false`',
      unset: '`true` where `DATABASE_DIRECT_URL` is set, else `false`',
    }),
  DATA_DIR: z.string().prefault('./data').register(variableMeta, {
    description: 'Folder for generated keys and the embedded database. Back up both, apart.',
    accepts: 'path, relative to the working folder',
  }),
  ENCRYPTION_KEYS: encryptionKeyList.optional().register(variableMeta, {
    description:
      'Keys that encrypt secrets and personal data in the database. The first one encrypts, all of them decrypt. ' +
      'Make one with `openssl rand -base64 32`. Without the keys, the data that they encrypted is lost.',
    accepts: '`id:base64key,…`; a key has 32 bytes',
    secret: true,
    unset: 'one is generated into `DATA_DIR/encryption-keys` (mode 0600), with a warning',
  }),
  ...logVariables,
  ROLE: z.enum(['all', 'intake', 'worker']).prefault('all').register(variableMeta, {
    description:
      'What this process does: accept webhooks (`intake`), do the work (`worker`), or both (`all`).',
    accepts: '`all`, `intake` or `worker`',
  }),
  WORKER_CONCURRENCY: wholeNumber(1, 500)
    .prefault('64')
    .register(variableMeta, {
      description:
        'How many runs this process works on at the same time. Their CVs take 64 MiB at most, whatever their number. A tenth of them, at least one, is reserved for connections that ' +
        'have no run at work, so that no connection waits for a slow one.',
      accepts: '1 to 500',
      unit: 'runs',
    }),
  EGRESS_NAME: z
    .string()
    .regex(/^[\w.:-]{1,100}$/, 'must be letters, digits, dots, colons, dashes or underscores')
    .prefault('shared')
    .register(variableMeta, {
      description:
        'Names the public IP address from which this process calls. Pinpoint counts calls per address: processes with the same ' +
        'name share one budget. Give machines with different addresses different names.',
      accepts: 'letters, digits, `.`, `:`, `-`, `_`',
    }),
  ...pinpointLimitsVariable,
  ...proxyVariables,
  ...vendorVariable,
  ...privateVariables,
  QUARANTINE_MAX_DELIVERIES: wholeNumber(0, 100_000)
    .prefault('1000')
    .register(variableMeta, {
      description:
        'How many deliveries with a wrong signature are kept for each tenant, so that they can be admitted once the ' +
        'signing secret is corrected. `0` keeps none.',
      accepts: '0 to 100000',
      unit: 'deliveries a tenant',
    }),
  QUARANTINE_MAX_MIB: wholeNumber(1, 10_000).prefault('16').register(variableMeta, {
    description: 'How large the bodies of these deliveries may be in total, for each tenant.',
    accepts: '1 to 10000',
    unit: 'MiB a tenant',
  }),
  QUARANTINE_DAYS: wholeNumber(1, 3650).prefault('30').register(variableMeta, {
    description: 'For how long these deliveries are kept.',
    accepts: '1 to 3650',
    unit: 'days',
  }),
  ...quotaVariables,
  SHUTDOWN_GRACE_SECONDS: wholeNumber(0, 3600).prefault('25').register(variableMeta, {
    description: 'After SIGTERM: how long running work may take to finish before it is handed back.',
    accepts: '0 to 3600',
    unit: 'seconds',
  }),
})

export const environment = variables.refine(
  (given) => given.DATABASE_DIRECT_URL === undefined || given.DATABASE_URL !== undefined,
  {
    path: ['DATABASE_DIRECT_URL'],
    error: 'needs DATABASE_URL beside it, or must be left out',
    // Runs also when other variables are faulty: all faults are reported together.
    when: () => true,
  },
)

export type VariableName = keyof typeof environment.shape
export const variableNames = Object.keys(environment.shape) as readonly VariableName[]

export interface Config {
  readonly host: string
  readonly port: number
  readonly adminHost: string
  readonly adminPort: number
  /** Addresses and networks. */
  readonly trustedProxies: readonly string[]
  readonly databaseUrl: string | undefined
  /** Without the pooler. */
  readonly databaseDirectUrl: string | undefined
  /** True if a pooler reassigns connections between transactions. */
  readonly databasePooled: boolean
  /** Absolute. */
  readonly dataDir: string
  readonly encryptionKeys: readonly EncryptionKey[] | undefined
  readonly logLevel: LogLevel
  readonly role: z.output<typeof environment>['ROLE']
  readonly workerConcurrency: number
  readonly egressName: string
  /** Undefined: those that Pinpoint documents. */
  readonly pinpointLimits: readonly DeclaredWindow[] | undefined
  /** Undefined: calls are direct. */
  readonly proxies: Proxies | undefined
  readonly vendorName: string | undefined
  readonly allowPrivateNetwork: boolean
  /** `host:port`. */
  readonly privateDestinations: readonly string[]
  readonly quarantineMaxDeliveries: number
  readonly quarantineMaxMib: number
  readonly quarantineDays: number
  readonly tenantEventsPerDay: number
  readonly tenantUnfinishedRuns: number
  readonly shutdownGraceSeconds: number
}

export type Environment = Readonly<Record<string, string | undefined>>
/** Read once, at the start; everything else receives a `Config`. */
export const processEnvironment: Environment = process.env

/** Throws one `NeedsPerson` (`config.invalid`) that names every faulty variable. A blank value counts as unset. */
export function readConfig(env: Environment): Config {
  const given = Object.fromEntries(
    variableNames.map((name) => [name, givenIn(env, name)] as const).filter(([, value]) => value !== ''),
  )
  const checked = checkAgainst(environment, given)
  if (!checked.ok) {
    const lines = checked.faults.map(faultLine)
    throw new NeedsPerson(
      'config.invalid',
      `The environment is not valid:\n${lines.map((line) => `  ${line}`).join('\n')}`,
      {
        fix: 'Set these variables as docs/reference/configuration.md describes them.',
        details: { faults: lines },
      },
    )
  }
  const { value } = checked
  return {
    host: value.HOST,
    port: value.PORT,
    adminHost: value.ADMIN_HOST,
    adminPort: value.ADMIN_PORT ?? portAfter(value.PORT),
    trustedProxies: value.TRUSTED_PROXIES,
    databaseUrl: value.DATABASE_URL,
    databaseDirectUrl: value.DATABASE_DIRECT_URL,
    databasePooled: value.DATABASE_POOLED ?? value.DATABASE_DIRECT_URL !== undefined,
    dataDir: resolve(value.DATA_DIR),
    encryptionKeys: value.ENCRYPTION_KEYS,
    logLevel: value.LOG_LEVEL,
    role: value.ROLE,
    workerConcurrency: value.WORKER_CONCURRENCY,
    egressName: value.EGRESS_NAME,
    pinpointLimits: value.PINPOINT_LIMITS,
    proxies: proxiesOf(value),
    vendorName: value.VENDOR_NAME,
    allowPrivateNetwork: value.DANGEROUS_ALLOW_PRIVATE_NETWORK,
    privateDestinations: value.ALLOW_PRIVATE_DESTINATIONS,
    quarantineMaxDeliveries: value.QUARANTINE_MAX_DELIVERIES,
    quarantineMaxMib: value.QUARANTINE_MAX_MIB,
    quarantineDays: value.QUARANTINE_DAYS,
    tenantEventsPerDay: value.TENANT_EVENTS_PER_DAY,
    tenantUnfinishedRuns: value.TENANT_UNFINISHED_RUNS,
    shutdownGraceSeconds: value.SHUTDOWN_GRACE_SECONDS,
  }
}
