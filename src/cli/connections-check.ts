/** `connections check` */
import type { Found } from '../access/note-changes.ts'
import { openOutbound } from '../app/outbound.ts'
import type { Store } from '../app/store.ts'
import { counted } from '../base/duration.ts'
import { RetryLater } from '../base/failure.ts'
import type { OpenHttp } from '../base/http.ts'
import type { ConnectionId } from '../base/ids.ts'
import type { Json } from '../base/json.ts'
import { integrations } from '../integrations/registry.ts'
import type { Log } from '../observe/log.ts'
import { unlimited } from '../outbound/call-interceptor.ts'
import type { CheckReport } from '../sdk/check.ts'
import { checkConnection } from '../tenants/check-connection.ts'
import { preflight } from '../tenants/preflight.ts'
import { patient } from '../tenants/preflight-patience.ts'
import type { Command, CommandContext, CommandResult, Input } from './command.ts'
import { integrationArgument, tenantArgument } from './connection-arguments.ts'
import { declaredConnections, type Opened, storedConnections, type Wanted } from './connections-to-check.ts'
import { exitCodes } from './exit-code.ts'
import { checkLines, goesWell, openJobsData, openJobsText } from './open-jobs-view.ts'
import { patience } from './patience.ts'
import { withStore } from './with-store.ts'

export const connectionsCheck: Command = {
  name: 'connections check',
  summary: 'Ask Pinpoint and the destination whether a connection would work, by reading only',
  arguments: [
    { ...tenantArgument, description: 'Only the connections of this tenant', optional: true },
    { ...integrationArgument, description: 'Only this one', optional: true },
  ],
  options: [
    {
      name: 'against',
      value: 'FILE',
      description:
        'Instead of what is applied: a file as for apply, or what mapping suggest prints; - for standard input',
    },
    {
      name: 'open-jobs',
      description: 'Also whether a hire on each open job would go through, and what to do where not',
    },
  ],
  details:
    'Without TENANT all enabled connections of all tenants are checked; one that works takes one line.\n\n' +
    'Where everything works, the pause of a connection whose credentials had been refused ends, and its parked runs resume. What is found about the mapping, custom fields and what is written back does not keep it paused.\n\n' +
    'With `--against` the connections of a file are checked before it is applied, with the settings, secrets and mapping that stand there; nothing is written, ' +
    'and no pause ends. Of a file that has `mapping` alone, each field takes the place of what the stored connection has for it. Exit code 2 where something is found.\n\n' +
    'What the mapping names and the destination does not have comes with the line that mends it, `mend` with `--json`.\n\n' +
    'With `--open-jobs` every open job of the tenant is read, confidential ones too, and compared with what the destination ' +
    'knows: a hire that would park is found before somebody is hired. If a rate limit is used up, the command waits for it, at most 15 minutes.',
  examples: [
    'connections check',
    'connections check acme',
    'connections check acme hibob --json',
    'connections check acme hibob --open-jobs',
    'connections check --against tenants.yaml',
    'connections check acme hibob --against suggested.yaml --json',
  ],
  prints: 'data',
  database: 'changes',
  run: (context) => {
    const path = context.input.option('against')
    return path === undefined ? checkStored(context) : checkDeclared(context, path)
  },
}

function checkStored(context: CommandContext): Promise<CommandResult> {
  return withStore(context, async (store) => {
    const checked = await checkAll(context, await storedConnections(context.input, store))
    const resumed = await liftPauses(store, checked)
    return {
      ...resultOf(context.input, checked, resumed),
      found: foundIn(context.input, checked),
      changes: checked
        .filter(isMended)
        .map(({ tenant, integration }) => ({ tenant, did: { unpaused: integration } })),
    }
  })
}

/** Without open jobs, which the next hire may not be on. */
function foundIn(input: Input, checked: readonly Checked[]): Found {
  const scope = ['TENANT', 'INTEGRATION'].flatMap((name) => input.optionalArgument(name) ?? []).join(' ')
  const connections = checked.flatMap(({ tenant, integration, report }) => {
    const names = new Set(report.filter(({ ok }) => !ok).map(({ what }) => what))
    return names.size === 0 ? [] : [[`${tenant} ${integration}`, [...names].join(', ')] as const]
  })
  return { scope, connections: Object.fromEntries(connections) }
}

async function checkDeclared(context: CommandContext, path: string): Promise<CommandResult> {
  const checked = await checkAll(context, await declaredConnections(context, path))
  return { ...resultOf(context.input, checked, 0), next: 'Nothing was applied.' }
}

function resultOf(input: Input, checked: readonly Checked[], resumed: number): CommandResult {
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
    text: textOf(input, checked, resumed),
    exitCode: ok ? exitCodes.ok.code : exitCodes.needsPerson.code,
  }
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

async function checkAll(context: CommandContext, wanted: readonly Wanted[]): Promise<readonly Checked[]> {
  const { log, progress, signal } = context
  const outbound = openOutbound(context.config())
  const openHttp = outbound.openHttp(unlimited, { readOnly: true })
  try {
    const checked: Checked[] = []
    for (const { tenant, integration, open } of wanted) {
      if (signal.aborted) throw new RetryLater('cli.stopped', 'Stopped before all connections were checked.')
      progress(
        `checked ${checked.length} of ${counted(wanted.length, 'connection')}; next: ${tenant} ${integration}`,
      )
      const opened = await open()
      checked.push({
        ...{ tenant, integration, paused: opened.paused },
        report: await checkConnection({ integrations, openHttp }, opened.checked),
        openJobs: context.input.flag('open-jobs') ? await lookAtJobs(openHttp, { opened, log }) : undefined,
      })
    }
    return checked
  } finally {
    await outbound.close()
  }
}

async function lookAtJobs(
  openHttp: OpenHttp,
  { opened, log }: { readonly opened: Opened; readonly log: Log },
): Promise<OpenJobs> {
  const deps = { integrations, openHttp: patient(openHttp, patience(log)) }
  const report = await preflight(deps, opened.checked, { madeRecord: await opened.madeRecord() })
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
