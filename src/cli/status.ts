/** `status` */
import { counted, inWords } from '../base/duration.ts'
import type { JsonObject } from '../base/json.ts'
import { type HireCounts, needsPerson, type Status, type TenantStatus } from '../operator/status.ts'
import type { Command } from './command.ts'
import { tenantArgument } from './connection-arguments.ts'
import { exitCodes } from './exit-code.ts'
import { unknownTenant } from './known-names.ts'
import { table } from './table.ts'
import { machineZone, momentText, relativeText } from './when.ts'
import { withStoreToRead } from './with-store.ts'

export const status: Command = {
  name: 'status',
  summary: 'Show how every tenant stands: hires today and in seven days, and what waits for a person',
  details:
    'A hire counts once, on the day on which its event came, whichever run of it needs attention most. Days begin by the time zone of the ' +
    'tenant (timeZone in its file), or else by that of this machine. Exit code 2 when somebody must act.',
  arguments: [{ ...tenantArgument, description: 'Only this tenant', optional: true }],
  examples: ['status', 'status acme', 'status --json'],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withStoreToRead(context, async ({ status: reader, tenants }) => {
      const tenant = context.input.optionalArgument('TENANT')
      const found = await reader.status({ tenant, zone: machineZone() })
      if (tenant !== undefined && found.tenants.length === 0) throw await unknownTenant(tenants, tenant)
      const mustAct =
        found.quarantinedForNobody > 0 || found.untakenRuns > 0 || found.tenants.some(needsPerson)
      return {
        data: { ...toJson(found), mustAct },
        text: statusText(found),
        exitCode: mustAct ? exitCodes.needsPerson.code : exitCodes.ok.code,
      }
    }),
}

function toJson({ tenants, ...rest }: Status): JsonObject {
  return {
    ...rest,
    tenants: tenants.map((one) => ({
      ...one,
      timeZone: one.timeZone ?? machineZone(),
      today: { ...one.today },
      sevenDays: { ...one.sevenDays },
      waiting: one.waiting && { ...one.waiting, oldest: { ...one.waiting.oldest } },
      paused: one.paused.map((pause) => ({ ...pause })),
      openCircuits: one.openCircuits.map((circuit) => ({ ...circuit })),
      lastSweep: one.lastSweep && { ...one.lastSweep },
    })),
  }
}

const width = 80
const cellWidth = 22

export function statusText(found: Status): string {
  if (found.tenants.length === 0) return 'No tenants yet. Next: pinpoint-webhooks apply FILE'
  const now = new Date(found.at)
  const rows = found.tenants.flatMap((one) => rowsOf(one, now))
  const lines = found.tenants.flatMap((one) => toDo(one, now))
  const { quarantinedForNobody: nobody, untakenRuns: untaken } = found
  const all = [
    ...(untaken === 0
      ? []
      : [item('', `No worker is alive, and ${counted(untaken, 'run')} wait for one.`, 'doctor')]),
    ...lines,
    ...(nobody === 0
      ? []
      : [
          item(
            '',
            `${counted(nobody, 'delivery', 'deliveries')} for no tenant in quarantine.`,
            'quarantine list',
          ),
        ]),
  ]
  return [
    `${momentText(now)}. ${zonesText(found.tenants)}`,
    '',
    table(['TENANT', 'TODAY', '7 DAYS', 'LAST WEBHOOK', 'LAST SWEEP'], rows),
    '',
    ...(all.length === 0 ? ['Nothing waits for a person.'] : all),
  ].join('\n')
}

function zonesText(tenants: readonly TenantStatus[]): string {
  const zones = [...new Set(tenants.map(({ timeZone }) => timeZone ?? `${machineZone()} (this machine)`))]
  return `Days begin in ${zones.length > 3 ? "each tenant's time zone" : zones.join(', ')}.`
}

/** Counts that do not fit into their cell continue in the next row. */
function rowsOf(one: TenantStatus, now: Date): readonly (readonly string[])[] {
  const cell = (counts: HireCounts) => wrapped(countsText(counts).split(/(?<=[:,]) /), cellWidth)
  const [today, sevenDays] = [cell(one.today), cell(one.sevenDays)]
  const webhook = one.lastWebhookAt === null ? 'never' : relativeText(new Date(one.lastWebhookAt), now)
  const sweep = one.lastSweep === null ? 'never' : relativeText(new Date(one.lastSweep.at), now)
  return Array.from({ length: Math.max(today.length, sevenDays.length) }, (_, line) => [
    line === 0 ? one.tenant : '',
    today[line] ?? '',
    sevenDays[line] ?? '',
    ...(line === 0 ? [webhook, sweep] : []),
  ])
}

function countsText(counts: HireCounts): string {
  const entries = Object.entries(counts)
  const total = entries.reduce((sum, [, count]) => sum + count, 0)
  const states = entries.map(([state, count]) => `${count} ${state === 'none' ? 'without a run' : state}`)
  return states.length === 0 ? '0' : `${total}: ${states.join(', ')}`
}

/** What the operator must do or should know about a tenant, each with the next command. */
function toDo(one: TenantStatus, now: Date): readonly string[] {
  const { tenant, waiting, paused, openCircuits, quarantined, deferred, lastSweep } = one
  const lasting = (since: string) => inWords(now.getTime() - Date.parse(since))
  return [
    ...(waiting === null ? [] : [waitingItem(tenant, waiting, lasting)]),
    ...paused.map(({ integration, reason, since }) =>
      item(
        tenant,
        `${integration} has been paused for ${lasting(since)}: ${reason}`,
        `connections check ${tenant} ${integration}`,
      ),
    ),
    ...openCircuits.map(({ integration, reason, since, nextProbeAt }) =>
      item(
        tenant,
        `${integration} has been failing for ${lasting(since)}: ${reason} Next probe ${relativeText(new Date(nextProbeAt), now)}.`,
        `connections show ${tenant} ${integration}`,
      ),
    ),
    ...(quarantined === 0
      ? []
      : [
          item(
            tenant,
            `${counted(quarantined, 'hire')} in quarantine: no signing secret verified ${quarantined === 1 ? 'it' : 'them'}.`,
            `quarantine list --tenant ${tenant}`,
          ),
        ]),
    ...(deferred === 0
      ? []
      : [
          item(
            tenant,
            `${counted(deferred, 'event')} ${deferred === 1 ? 'starts' : 'start'} later: the tenant is over its quota.`,
            'doctor',
          ),
        ]),
    ...(lastSweep?.state === 'failed'
      ? [
          item(
            tenant,
            `The last sweep failed: ${lastSweep.reason ?? 'no reason is known.'}`,
            `tenants show ${tenant}`,
          ),
        ]
      : []),
  ]
}

function waitingItem(
  tenant: string,
  { runs, oldest }: NonNullable<TenantStatus['waiting']>,
  lasting: (since: string) => string,
): string {
  const { application, reason, since, run } = oldest
  const who =
    runs === 1
      ? `1 hire has waited for a person for ${lasting(since)}`
      : `${counted(runs, 'hire')} wait for a person, the oldest for ${lasting(since)}`
  return item(
    tenant,
    `${who} (application ${application}): ${reason}`,
    runs === 1 ? `runs show ${run}` : `runs list --tenant ${tenant} --state parked`,
  )
}

/** A bullet, with the command to type next. */
function item(tenant: string, sentence: string, next: string): string {
  const text = `${tenant === '' ? '' : `${tenant}: `}${sentence} Next: ${next}`
  return `- ${wrapped(text.split(/\s+/), width - 2).join('\n  ')}`
}

function wrapped(words: readonly string[], longest: number): readonly string[] {
  const lines = ['']
  for (const word of words) {
    const last = lines.at(-1) ?? ''
    if (last !== '' && last.length + 1 + word.length > longest) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines
}
