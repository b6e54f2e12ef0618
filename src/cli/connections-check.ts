/** `connections check` */
import type { Store } from '../app.ts'
import { openOutbound } from '../app.ts'
import { integrations } from '../integrations/registry.ts'
import { openGate } from '../outbound/call-gate.ts'
import type { CheckReport } from '../sdk/check.ts'
import { checkConnection } from '../tenants/check-connection.ts'
import type { Command, CommandContext } from './command.ts'
import { unknownConnection } from './connections.ts'
import { exitCodes } from './exit-code.ts'
import { unknownTenant } from './tenants.ts'
import { withStore } from './with-store.ts'

export const connectionsCheck: Command = {
  name: 'connections check',
  summary: 'Ask Pinpoint and the destination whether a connection would work, by reading only',
  arguments: [
    { name: 'TENANT', description: "The tenant's slug" },
    { name: 'INTEGRATION', description: 'Only this one', optional: true },
  ],
  examples: ['connections check acme', 'connections check acme hibob --json'],
  prints: 'data',
  run: (context) =>
    withStore(context, async (store) => {
      const checked = await checkAll(context, store)
      const ok = checked.every(({ report }) => report.every((item) => item.ok))
      return {
        data: {
          ok,
          connections: checked.map(({ report, ...one }) => ({
            ...one,
            report: report.map((item) => ({ ...item })),
          })),
        },
        text: checked.map(({ integration, report }) => `${integration}\n${linesOf(report)}`).join('\n\n'),
        exitCode: ok ? exitCodes.ok.code : exitCodes.needsPerson.code,
      }
    }),
}

interface Checked {
  readonly tenant: string
  readonly integration: string
  readonly report: CheckReport
}

async function checkAll(context: CommandContext, store: Store): Promise<readonly Checked[]> {
  const tenant = context.input.argument('TENANT')
  const only = context.input.optionalArgument('INTEGRATION')
  const known = await store.connections.list(tenant)
  const names = known
    .map(({ integration }) => integration)
    .filter((name) => only === undefined || name === only)
  if (names.length === 0) throw only === undefined ? unknownTenant(tenant) : unknownConnection(tenant, only)

  const outbound = openOutbound(context.config())
  const openHttp = outbound.openHttp(openGate, { readOnly: true })
  try {
    const checked: Checked[] = []
    for (const integration of names) {
      const connection = await store.connections.open(tenant, integration)
      if (connection === undefined) throw unknownConnection(tenant, integration)
      checked.push({
        tenant,
        integration,
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
