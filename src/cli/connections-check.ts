/** `connections check` */
import { recordMadeBy } from '../app/operator.ts'
import { openOutbound } from '../app/outbound.ts'
import type { Store } from '../app/store.ts'
import { counted } from '../base/duration.ts'
import { NeedsPerson, RetryLater } from '../base/failure.ts'
import type { OpenHttp } from '../base/http.ts'
import type { ConnectionId } from '../base/ids.ts'
import type { Json } from '../base/json.ts'
import { integrationNames, integrations } from '../integrations/registry.ts'
import type { Log } from '../observe/log.ts'
import { unlimited } from '../outbound/call-interceptor.ts'
import type { CheckReport } from '../sdk/check.ts'
import { checkConnection } from '../tenants/check-connection.ts'
import type { DecryptedConnection } from '../tenants/connection.ts'
import { preflight } from '../tenants/preflight.ts'
import { patient } from '../tenants/preflight-patience.ts'
import type { Command, CommandContext, Input } from './command.ts'
import { exitCodes } from './exit-code.ts'
import { mustKnow, unknownConnection } from './known-names.ts'
import { checkLines, goesWell, openJobsData, openJobsText } from './open-jobs-view.ts'
import { patience } from './patience.ts'
import { withStore } from './with-store.ts'

export const connectionsCheck: Command = {
  name: 'connections check',
  summary: 'Ask Pinpoint and the destination whether a connection would work, by reading only',
  arguments: [
    { name: 'TENANT', description: 'Only the connections of this tenant', optional: true },
    { name: 'INTEGRATION', description: 'Only this one', optional: true, values: integrationNames },
  ],
  options: [
    {
      name: 'open-jobs',
      description: 'Also whether a hire on each open job would go through, and what to do where not',
    },
  ],
  details:
    'Without TENANT all enabled connections of all tenants are checked; one that works takes one line.\n\n' +
    'Where everything works, the pause of a connection whose credentials had been refused ends, and its parked runs resume. What is found about the mapping, custom fields and what is written back does not keep it paused.\n\n' +
    'With `--open-jobs` every open job of the tenant is read, confidential ones too, and compared with what the destination ' +
    'knows: a hire that would park is found before somebody is hired. If a rate limit is used up, the command waits for it, at most 15 minutes.',
  examples: [
    'connections check',
    'connections check acme',
    'connections check acme hibob --json',
    'connections check acme hibob --open-jobs',
  ],
  prints: 'data',
  database: 'changes',
  run: (context) =>
    withStore(context, async (store) => {
      const checked = await checkAll(context, store)
      const resumed = await liftPauses(store, checked)
      const ok = checked.every(isWell)
      return {
        data: {
          ok,
          resumed,
          connections: checked.map(({ report, paused, openJobs, ...one }) => ({
            ...one,
            unpaused: isMended({ paused, report }),
            report: report.map((item) => ({ ...item })),
            ...(openJobs === undefined ? {} : { openJobs: openJobs.data }),
          })),
        },
        text: textOf(context.input, checked, resumed),
        changes: checked
          .filter(isMended)
          .map(({ tenant, integration }) => ({ tenant, did: { unpaused: integration } })),
        exitCode: ok ? exitCodes.ok.code : exitCodes.needsPerson.code,
      }
    }),
}

interface Checked {
  readonly tenant: string
  readonly integration: string
  readonly report: CheckReport
  /** Undefined without `--open-jobs`. */
  readonly openJobs: OpenJobs | undefined
  /** The connection, when it is enabled and paused. */
  readonly paused: ConnectionId | undefined
}

interface OpenJobs {
  readonly ok: boolean
  readonly data: Json
  readonly text: string
}

function isWell({ report, openJobs }: Checked): boolean {
  return isGood(report) && (openJobs?.ok ?? true)
}

function isMended<T extends Pick<Checked, 'paused' | 'report'>>(
  one: T,
): one is T & { readonly paused: ConnectionId } {
  return one.paused !== undefined && isGood(one.report.filter(({ aside }) => aside !== true))
}

function isGood(report: CheckReport): boolean {
  return report.every((item) => item.ok)
}

/** Credentials that were refused work again, without a change of the connection: a permission was granted, or an account unlocked. */
async function liftPauses(store: Store, checked: readonly Checked[]): Promise<number> {
  const mended = checked.filter(isMended)
  let all = 0
  for (const { paused } of mended) all += (await store.connections.setEnabled(paused, true)).resumed
  return all
}

async function checkAll(context: CommandContext, store: Store): Promise<readonly Checked[]> {
  const wanted = await wantedConnections(context.input, store)
  const { log, progress, signal } = context
  const outbound = openOutbound(context.config())
  const openHttp = outbound.openHttp(unlimited, { readOnly: true })
  try {
    const checked: Checked[] = []
    for (const { tenant, integration } of wanted) {
      if (signal.aborted) throw new RetryLater('cli.stopped', 'Stopped before all connections were checked.')
      progress(
        `checked ${checked.length} of ${counted(wanted.length, 'connection')}; next: ${tenant} ${integration}`,
      )
      const connection = await store.connections.open(tenant, integration)
      if (connection === undefined) throw await unknownConnection(store, tenant, integration)
      const { id, enabled, paused } = connection.connection
      checked.push({
        tenant,
        integration,
        paused: enabled && paused !== undefined ? id : undefined,
        report: await checkConnection({ integrations, openHttp }, connection),
        openJobs: context.input.flag('open-jobs')
          ? await lookAtJobs(store, openHttp, { connection, log })
          : undefined,
      })
    }
    return checked
  } finally {
    await outbound.close()
  }
}

type Wanted = Pick<Checked, 'tenant' | 'integration'>

async function wantedConnections(
  input: Input,
  store: Pick<Store, 'connections' | 'tenants'>,
): Promise<readonly Wanted[]> {
  const tenant = input.optionalArgument('TENANT')
  const only = input.optionalArgument('INTEGRATION')
  const known = (await store.connections.list(tenant)).filter(
    ({ enabled }) => enabled || tenant !== undefined,
  )
  const wanted = known.filter(({ integration }) => only === undefined || integration === only)
  if (wanted.length > 0)
    return wanted.map((one) => ({ tenant: one.tenant.slug, integration: one.integration }))
  if (tenant === undefined) {
    throw new NeedsPerson('cli.no_connections', 'No connection is enabled, so there is nothing to check.', {
      fix: 'Add one to a file and apply it, or enable one: connections enable TENANT INTEGRATION',
    })
  }
  if (only !== undefined) throw await unknownConnection(store, tenant, only)
  await mustKnow(store.tenants, tenant)
  throw new NeedsPerson(
    'cli.no_connections',
    `Tenant ${tenant} has no connections, so there is nothing to check.`,
    { fix: 'Add one to its file and apply it.' },
  )
}

async function lookAtJobs(
  store: Store,
  openHttp: OpenHttp,
  { connection, log }: { readonly connection: DecryptedConnection; readonly log: Log },
): Promise<OpenJobs> {
  const made = await recordMadeBy(store, connection.connection.id)
  const deps = { integrations, openHttp: patient(openHttp, patience(log)) }
  const report = await preflight(deps, connection, { madeRecord: made })
  return { ok: goesWell(report), data: openJobsData(report), text: openJobsText(report) }
}

function textOf(input: Input, checked: readonly Checked[], resumed: number): string {
  const went = resumed === 0 ? [] : [`${counted(resumed, 'parked run')} resumed.`]
  if (input.optionalArgument('TENANT') !== undefined)
    return [...checked.map((one) => [one.integration, ...detailLines(one)].join('\n')), ...went].join('\n\n')
  const well = checked.filter(isWell).length
  const lines = checked.map((one) => {
    const head = `${isWell(one) ? 'ok  ' : 'FAIL'}  ${one.tenant} ${one.integration}`
    return (isWell(one) ? [head] : [head, ...detailLines(one)]).join('\n')
  })
  const count = `${well} of ${counted(checked.length, 'connection')} ${well === 1 ? 'works' : 'work'}.`
  return [lines.join('\n'), [count, ...went].join(' ')].join('\n\n')
}

function detailLines({ report, openJobs }: Checked): readonly string[] {
  return [checkLines(report), ...(openJobs === undefined ? [] : [openJobs.text])]
}
