/** `tenants list | show | remove` */
import { counted } from '../base/duration.ts'
import { NeedsPerson } from '../base/failure.ts'
import type { SweepView } from '../sweeps/ports.ts'
import type { Connection } from '../tenants/connection.ts'
import { keepFinishedText } from '../tenants/retention.ts'
import { sweepText } from '../tenants/sweep-schedule.ts'
import type { Tenant } from '../tenants/tenant.ts'
import type { Command } from './command.ts'
import { tenantArgument } from './connection-arguments.ts'
import { connectionData, stateOf } from './connection-view.ts'
import { mustKnow, unknownTenant } from './known-names.ts'
import { table } from './table.ts'
import { momentText } from './when.ts'
import { withStore, withStoreToRead } from './with-store.ts'

export const tenantsList: Command = {
  name: 'tenants list',
  summary: 'List the tenants',
  examples: ['tenants list', 'tenants list --json'],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withStoreToRead(context, async (store) => {
      const tenants = await store.tenants.list()
      const rows = tenants.map(({ slug, apiUrl, createdAt, demoHires }) => [
        ...[slug, apiUrl, momentText(createdAt)],
        demoHires ? 'tried' : '',
      ])
      if (rows.length === 0)
        return { data: [], text: 'No tenants yet.', next: 'Next: pinpoint-webhooks apply FILE' }
      return {
        data: tenants.map(tenantData),
        text: table(['TENANT', 'PINPOINT', 'SINCE', 'DEMO DATA'], rows),
      }
    }),
}

export const tenantsShow: Command = {
  name: 'tenants show',
  summary: 'Show one tenant and its connections, without secrets',
  arguments: [tenantArgument],
  examples: ['tenants show acme'],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withStoreToRead(context, async (store) => {
      const slug = context.input.argument('TENANT')
      const tenant = await mustKnow(store.tenants, slug)
      const connections = await store.connections.list(slug)
      const lastSweep = await store.sweeps.latest(slug)
      const data = {
        ...tenantData(tenant),
        webhook: `/webhooks/pinpoint/${slug}`,
        lastSweep: lastSweep === undefined ? null : { ...lastSweep },
        connections: connections.map(connectionData),
      }
      return { data, text: textOf(tenant, connections, lastSweep) }
    }),
}

export const tenantsRemove: Command = {
  name: 'tenants remove',
  summary: 'Remove a tenant with its connections, events, runs and ledger',
  details:
    'The ledger remembers what was created in the destination. Without it, a later hire is looked up there again.',
  arguments: [tenantArgument],
  options: [{ name: 'yes', description: 'Really remove it' }],
  examples: ['tenants remove acme --yes'],
  prints: 'data',
  database: 'changes',
  run: async (context) => {
    const slug = context.input.argument('TENANT')
    if (!context.input.flag('yes')) {
      await withStoreToRead(context, ({ tenants }) => mustKnow(tenants, slug))
      throw new NeedsPerson(
        'cli.not_confirmed',
        `Tenant ${slug} would be removed with everything that belongs to it.`,
        {
          fix: 'Run it again with --yes.',
        },
      )
    }
    return withStore(context, async (store) => {
      if (!(await store.tenants.remove(slug))) throw await unknownTenant(store.tenants, slug)
      return {
        data: { removed: slug },
        text: `Removed ${slug}.`,
        next: 'Next: remove its webhook in Pinpoint too.',
        changes: [{ tenant: slug, did: { removed: 'tenant' } }],
      }
    })
  },
}

function tenantData({ keepFinishedFor, createdAt, updatedAt, ...tenant }: Tenant) {
  const { id, slug, apiUrl, demoHires, sweep, timeZone = null } = tenant
  return {
    ...{ id, slug, apiUrl, demoHires, sweep, keepFinishedFor: keepFinishedText(keepFinishedFor), timeZone },
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}

function textOf(
  { slug, apiUrl, demoHires, sweep, keepFinishedFor, timeZone }: Tenant,
  connections: readonly Connection[],
  lastSweep: SweepView | undefined,
): string {
  const lines = connections.map((connection) => `  ${connection.integration}: ${stateOf(connection)}`)
  return [
    slug,
    `Pinpoint: ${apiUrl}`,
    ...(demoHires ? ['Demo data: counts as hired in any stage (demoHires)'] : []),
    `Webhook path: /webhooks/pinpoint/${slug}`,
    `Sweep: ${sweepText(sweep)}`,
    `Finished work is kept: ${keepFinishedFor === 'forever' ? 'for ever' : `for ${keepFinishedText(keepFinishedFor)}`}`,
    `Time zone: ${timeZone ?? 'not set; days are those that Pinpoint writes'}`,
    ...(lastSweep === undefined ? [] : [`Last sweep: ${lastSweepText(lastSweep)}`]),
    'Connections:',
    ...lines,
  ].join('\n')
}

function lastSweepText({ createdAt, state, missing, restarted, exhausted, seen, reason }: SweepView): string {
  const why = reason === null ? '' : ` (${reason})`
  const more = [
    ...(restarted === 0 ? [] : [`${restarted} started again`]),
    ...(exhausted === 0 ? [] : [`${exhausted} started again three times without success`]),
  ]
  return [
    `${momentText(new Date(createdAt))}: ${state}${why}, ${missing} of ${counted(seen, 'hire')} ${missing === 1 ? 'was' : 'were'} missing`,
    ...more,
  ].join(', ')
}
