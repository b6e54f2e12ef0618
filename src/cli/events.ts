/** `events list | show` */
import { Refused } from '../base/failure.ts'
import type { JsonObject } from '../base/json.ts'
import type { EventView } from '../operator/event-view.ts'
import type { Command } from './command.ts'
import { limitOf, limitOption } from './limit.ts'
import { table } from './table.ts'
import { mustKnow } from './tenants.ts'
import { withStoreToRead } from './with-store.ts'

const eventArgument = { name: 'EVENT', description: "The event's id, such as evt_…" }

export const eventsList: Command = {
  name: 'events list',
  summary: 'List events, newest first',
  options: [
    { name: 'tenant', value: 'TENANT', description: 'Only of this tenant' },
    { name: 'application', value: 'ID', description: 'Only about this application' },
    limitOption,
  ],
  examples: ['events list', 'events list --application 8863807'],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withStoreToRead(context, async ({ runs: runAdmin, tenants }) => {
      const { input } = context
      const tenant = input.option('tenant')
      const subject = input.option('application')
      const events = await runAdmin.listEvents({
        ...(tenant === undefined ? {} : { tenant }),
        ...(subject === undefined ? {} : { subject }),
        limit: limitOf(input),
      })
      if (tenant !== undefined && events.length === 0) await mustKnow(tenants, tenant)
      const rows = events.map((event) => [
        event.id,
        event.tenant,
        event.name ?? '(unreadable)',
        event.subject ?? '',
        event.receivedAt,
        runsText(event),
      ])
      const text =
        events.length === 0
          ? 'No events.'
          : table(['EVENT', 'TENANT', 'NAME', 'APPLICATION', 'RECEIVED', 'RUNS'], rows)
      return { data: events.map(eventData), text }
    }),
}

export const eventsShow: Command = {
  name: 'events show',
  summary: 'Show one event and its runs',
  arguments: [eventArgument],
  examples: ['events show evt_0abc'],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withStoreToRead(context, async ({ runs: runAdmin }) => {
      const id = context.input.argument('EVENT')
      const event = await runAdmin.showEvent(id)
      if (event === undefined) throw new Refused('runs.unknown_event', `There is no event ${id}.`)
      return { data: eventData(event), text: eventText(event) }
    }),
}

export function eventData(event: EventView): JsonObject {
  return { ...event, runs: event.runs.map((run) => ({ ...run })) }
}

function runsText({ runs }: EventView): string {
  return runs.map(({ integration, state }) => `${integration} ${state}`).join(', ') || 'none'
}

export function eventText(event: EventView): string {
  const facts = [
    ['Event', event.id],
    ['Tenant', event.tenant],
    ['Name', event.name ?? '(unreadable)'],
    ['Application', event.subject ?? ''],
    ['Happened', event.triggeredAt ?? ''],
    ['Received', event.receivedAt],
    ['Deliveries', String(event.deliveries)],
    ...event.runs.map(({ id, state }) => ['Run', `${id} ${state}`]),
  ]
  return facts.map(([name, value]) => `${String(name).padEnd(12)} ${String(value)}`).join('\n')
}
