/** `connections check` */
import type { Store } from '../app.ts'
import { openOutbound } from '../app.ts'
import { NeedsPerson } from '../base/failure.ts'
import type { ConnectionId } from '../base/ids.ts'
import { integrations } from '../integrations/registry.ts'
import { openGate } from '../outbound/call-gate.ts'
import type { CheckReport } from '../sdk/check.ts'
import { checkConnection } from '../tenants/check-connection.ts'
import type { Command, CommandContext } from './command.ts'
import { unknownConnection } from './connections.ts'
import { exitCodes } from './exit-code.ts'
import { mustKnow } from './tenants.ts'
import { withStore } from './with-store.ts'

export const connectionsCheck: Command = {
  name: 'connections check',
  summary: 'Ask Pinpoint and the destination whether a connection would work, by reading only',
  details:
    'Where all is well, the pause of a connection whose credentials had been refused ends, and its parked runs go on.',
  arguments: [
    { name: 'TENANT', description: "The tenant's slug" },
    { name: 'INTEGRATION', description: 'Only this one', optional: true },
  ],
  examples: ['connections check acme', 'connections check acme hibob --json'],
  prints: 'data',
  run: (context) =>
    withStore(context, async (store) => {
      const checked = await checkAll(context, store)
      const resumed = await liftPauses(store, checked)
      const ok = checked.every(({ report }) => isGood(report))
      return {
        data: {
          ok,
          resumed,
          connections: checked.map(({ report, paused, ...one }) => ({
            ...one,
            unpaused: paused !== undefined && isGood(report),
            report: report.map((item) => ({ ...item })),
          })),
        },
        text: [
          ...checked.map(({ integration, report }) => `${integration}\n${linesOf(report)}`),
          ...(resumed === 0 ? [] : [`${resumed} parked runs go on`]),
        ].join('\n\n'),
        exitCode: ok ? exitCodes.ok.code : exitCodes.needsPerson.code,
      }
    }),
}

interface Checked {
  readonly tenant: string
  readonly integration: string
  readonly report: CheckReport
  /** The connection, when it is enabled and paused. */
  readonly paused: ConnectionId | undefined
}

function isGood(report: CheckReport): boolean {
  return report.every((item) => item.ok)
}

/** What was refused works now: a permission was granted, or an account unlocked, without any change on our side. */
async function liftPauses(store: Store, checked: readonly Checked[]): Promise<number> {
  const mended = checked.flatMap(({ report, paused }) =>
    paused !== undefined && isGood(report) ? [paused] : [],
  )
  for (const id of mended) await store.connections.setEnabled(id, true)
  return mended.length === 0 ? 0 : store.desk.lift(mended)
}

async function checkAll(context: CommandContext, store: Store): Promise<readonly Checked[]> {
  const tenant = context.input.argument('TENANT')
  const only = context.input.optionalArgument('INTEGRATION')
  const known = await store.connections.list(tenant)
  const names = known
    .map(({ integration }) => integration)
    .filter((name) => only === undefined || name === only)
  if (names.length === 0) {
    await mustKnow(store.tenants, tenant)
    if (only !== undefined) throw unknownConnection(tenant, only)
    throw new NeedsPerson(
      'cli.no_connections',
      `Tenant ${tenant} has no connections, so there is nothing to check.`,
      {
        fix: 'Add one to its file and apply it.',
      },
    )
  }

  const outbound = openOutbound(context.config())
  const openHttp = outbound.openHttp(openGate, { readOnly: true })
  try {
    const checked: Checked[] = []
    for (const integration of names) {
      const connection = await store.connections.open(tenant, integration)
      if (connection === undefined) throw unknownConnection(tenant, integration)
      const { id, enabled, paused } = connection.connection
      checked.push({
        tenant,
        integration,
        paused: enabled && paused !== undefined ? id : undefined,
        report: await checkConnection({ integrations, openHttp }, connection),
      })
    }
    return checked
  } finally {
    await outbound.close()
  }
}

function linesOf(report: CheckReport): string {
  return report.map(({ ok, what, because }) => `  ${ok ? 'ok  ' : 'FAIL'}  ${what}: ${because}`).join('\n')
}
