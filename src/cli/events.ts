/** `events list | show` */
import { showMasked } from '../access/show-hires.ts'
import type { StoreToRead } from '../app/store-to-read.ts'
import { systemClock } from '../base/clock.ts'
import { Refused } from '../base/failure.ts'
import type { JsonObject } from '../base/json.ts'
import type { EventView } from '../operator/event-view.ts'
import type { Command } from './command.ts'
import { mustKnow } from './known-names.ts'
import { limitOf, limitOption } from './limit.ts'
import { defined } from './run-filter.ts'
import { nameText } from './shown-hires.ts'
import { table } from './table.ts'
import { machineZone, momentText, shortMoment } from './when.ts'
import { withStoreToRead } from './with-store.ts'

const eventArgument = { name: 'EVENT', description: "The event's id, such as evt_…" }

export const eventsList: Command = {
  name: 'events list',
  summary: 'List events, newest first',
  details: 'Names are masked, and known once a run has read the application.',
  options: [
    { name: 'tenant', value: 'TENANT', description: 'Only of this tenant' },
    { name: 'application', value: 'ID', description: 'Only about this application' },
    limitOption,
  ],
  examples: ['events list', 'events list --application 8863807'],
  prints: 'data',
  database: 'reads',
  run: async (context) => {
    const { input } = context
    const tenant = input.option('tenant')
    const subject = input.option('application')
    const limit = limitOf(input)
    return withStoreToRead(context, async ({ runs: runAdmin, tenants, hires }) => {
      const events = await runAdmin.listEvents({ ...defined({ tenant, subject }), limit })
      if (tenant !== undefined && events.length === 0) await mustKnow(tenants, tenant)
      const names = await namesOf(hires, events)
      const now = systemClock.now()
      const rows = events.map((event, index) => [
        event.id,
        event.tenant,
        event.name ?? '(unreadable)',
        event.subject ?? '',
        names[index] ?? '',
        shortMoment(new Date(event.receivedAt), now),
        runsText(event),
      ])
      const text =
        events.length === 0
          ? 'No events.'
          : table(['EVENT', 'TENANT', 'NAME', 'APPLICATION', 'WHO', 'RECEIVED', 'RUNS'], rows)
      return {
        data: events.map(eventData),
        text,
        ...(events.length === 0 ? {} : { next: `Times: ${machineZone()}.` }),
      }
    })
  },
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

/** Masked; nothing for an event about no application. */
async function namesOf(
  hires: StoreToRead['hires'],
  events: readonly EventView[],
): Promise<readonly string[]> {
  const shown = await showMasked(hires)(
    events.map(({ tenant, subject }) => ({ tenant, application: subject ?? '' })),
  )
  return shown.map((hire, index) => (events[index]?.subject == null ? '' : nameText(hire)))
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
    ['Happened', event.triggeredAt === null ? '' : momentText(new Date(event.triggeredAt))],
    ['Received', momentText(new Date(event.receivedAt))],
    ['Deliveries', String(event.deliveries)],
    ...event.runs.map(({ id, state }) => ['Run', `${id} ${state}`]),
  ]
  return facts.map(([name, value]) => `${String(name).padEnd(12)} ${String(value)}`).join('\n')
}
