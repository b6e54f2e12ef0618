/** `sweep` */
import { showMasked } from '../access/show-hires.ts'
import { sweepDeps, sweepPreviewDeps } from '../app/background.ts'
import { type CallerParts, openOutbound } from '../app/outbound.ts'
import type { Store } from '../app/store.ts'
import type { StoreToRead } from '../app/store-to-read.ts'
import { type Clock, secondsAfter, systemClock } from '../base/clock.ts'
import { counted } from '../base/duration.ts'
import { NeedsPerson, Refused, RetryLater } from '../base/failure.ts'
import { processIdentity } from '../config/process-identity.ts'
import type { ClaimedSweep, SweepRequest, SweepView } from '../sweeps/ports.ts'
import { performSweep, previewSweep, type SweepDeps } from '../sweeps/sweep.ts'
import { defaultSweep } from '../tenants/sweep-schedule.ts'
import type { DecryptedTenant } from '../tenants/tenant.ts'
import type { ChangeResult, Command, CommandContext, CommandResult } from './command.ts'
import { tenantArgument } from './connection-arguments.ts'
import { givenSince, sinceOption } from './since.ts'
import { countsText, foundText, hireData, leftText, resultOf } from './sweep-result.ts'
import { tenantOf } from './tenant-option.ts'
import { relativeText } from './when.ts'
import { withStore, withStoreToRead } from './with-store.ts'

const clock: Clock = systemClock

export const sweep: Command = {
  name: 'sweep',
  summary: 'Ask Pinpoint for hires whose webhook never came, and process them',
  details:
    'A missing hire becomes an event of origin `sweep`, with runs as after a webhook. Hires that an event covers are left ' +
    'alone, however often it is repeated. Without --since it looks back as far as the schedule of the tenant says and takes ' +
    'no hire from before its connection was enabled; with --since it takes those as well: look with --preview first. When more ' +
    'than 200 are missing it stops and asks, as after a restore or a first set-up; --yes continues where it stopped.',
  arguments: [tenantArgument],
  options: [
    sinceOption('Hires since'),
    {
      name: 'undated',
      description: 'Also those for which Pinpoint does not say when they were hired',
    },
    { name: 'yes', description: 'However many are missing; continues a sweep that has asked' },
    { name: 'preview', description: 'Only list what would be processed' },
  ],
  examples: ['sweep acme --preview --since 30d', 'sweep acme --since 2026-01-31 --json', 'sweep acme --yes'],
  prints: 'data',
  database: 'changes',
  run: async (context) => {
    const { input } = context
    // A wrong command line is refused before a database is opened.
    givenSince(input, clock)
    return input.flag('preview')
      ? withStoreToRead(context, (store) => withTenant(context, store, preview))
      : withStore(context, (store) => withTenant(context, store, perform))
  },
}

interface Asked<Opened> {
  readonly tenant: DecryptedTenant
  readonly request: SweepRequest
  readonly parts: CallerParts & { readonly store: Opened }
}

/** With an outbound that is closed afterwards. */
async function withTenant<Opened extends StoreToRead | Store, Result extends CommandResult>(
  context: CommandContext,
  store: Opened,
  work: (context: CommandContext, asked: Asked<Opened>) => Promise<Result>,
): Promise<Result> {
  const { input, log, config } = context
  const tenant = await tenantOf(input, store)
  await assertConnected(store, tenant)
  const outbound = openOutbound(config())
  try {
    const parts = { store, outbound, log, address: config().egressName }
    return await work(context, { tenant, request: requestOf(context, tenant), parts })
  } finally {
    await outbound.close()
  }
}

function requestOf({ input }: CommandContext, tenant: DecryptedTenant): SweepRequest {
  const given = givenSince(input, clock)
  const { lookBackSeconds } = tenant.sweep === 'off' ? defaultSweep : tenant.sweep
  return {
    tenant,
    since: given ?? secondsAfter(clock.now(), -lookBackSeconds),
    anyAge: given !== undefined,
    undated: input.flag('undated'),
    confirmed: input.flag('yes'),
  }
}

async function assertConnected(
  store: Pick<StoreToRead, 'connections'>,
  { slug }: DecryptedTenant,
): Promise<void> {
  if ((await store.connections.list(slug)).some(({ enabled }) => enabled)) return
  throw new NeedsPerson(
    'sweep.no_connection',
    `Tenant ${slug} has no enabled connection that a hire could go to.`,
    {
      fix: `Enable one: connections enable ${slug} INTEGRATION`,
    },
  )
}

async function preview(
  { signal, progress }: CommandContext,
  { tenant, request, parts }: Asked<StoreToRead>,
): Promise<CommandResult> {
  const asked = { ...request, pinpoint: tenant }
  const deps = { ...sweepPreviewDeps(parts), onPage: counting(progress) }
  const { counts, missing, restarted } = await previewSweep(deps, asked, signal)
  const wanted = [...missing, ...restarted]
  const of = wanted.map(({ hire }) => ({ tenant: tenant.slug, application: hire.id }))
  const list = foundText(wanted, await showMasked(parts.store.hires)(of))
  return {
    data: { preview: true, since: request.since.toISOString(), ...counts, hires: wanted.map(hireData) },
    text: [countsText(counts, 'would create'), ...list].join('\n'),
    ...(wanted.length === 0 ? {} : { next: 'Next: run it without --preview to process them.' }),
  }
}

async function perform(context: CommandContext, { request, parts }: Asked<Store>): Promise<ChangeResult> {
  const { store } = parts
  const deps = { ...sweepDeps(parts), attended: true, onPage: counting(context.progress) }
  const worker = processIdentity().name
  await endWhatWasLeft(context, deps, { store, worker, tenant: request.tenant.slug })
  const asked = context.input.flag('yes') && context.input.option('since') === undefined
  const goesOn = asked ? await store.sweeps.goOn(request.tenant.id, worker) : undefined
  const begun = goesOn ?? (await store.sweeps.begin(request, worker))
  if (begun === undefined) throw underWay(request.tenant.slug)
  const ended = await untilEnded(context, deps, { store, worker, begun })
  const changes = [{ tenant: request.tenant.slug, did: { sweep: ended.id, runs: ended.runs } }]
  return { ...resultOf(ended), changes }
}

/** Finishes a sweep whose process has died. If no service continues it, it would block every further sweep of the tenant. */
async function endWhatWasLeft(
  context: CommandContext,
  deps: SweepDeps,
  { store, worker, tenant }: { readonly store: Store; readonly worker: string; readonly tenant: string },
): Promise<void> {
  const latest = await store.sweeps.latest(tenant)
  if (latest === undefined || latest.state === 'done' || latest.state === 'failed') return
  const begun = await deps.store.claim(worker, latest.id)
  if (begun === undefined) throw underWay(tenant)
  context.progress(`continuing ${begun.id}, which was interrupted`)
  const left = await untilEnded(context, deps, { store, worker, begun })
  if (left.state !== 'done' && left.state !== 'failed') throw new RetryLater('sweep.left', leftText(left))
}

function waitText(nextAt: string | null, now: Date): string {
  return nextAt === null
    ? 'waiting for another process'
    : `waiting, continues ${relativeText(new Date(nextAt), now)}`
}

function counting(progress: CommandContext['progress']): (hires: number) => void {
  let seen = 0
  return (hires) => progress(`checked ${counted((seen += hires), 'hire')}`)
}

function underWay(tenant: string): RetryLater {
  return new RetryLater('sweep.under_way', `A sweep of ${tenant} is under way already.`)
}

/** Returns early when it is stopped. While it waits for a limit of Pinpoint, a service on the same database may continue it as well. */
async function untilEnded(
  { signal, progress }: CommandContext,
  deps: SweepDeps,
  { store, worker, begun }: { readonly store: Store; readonly worker: string; readonly begun: ClaimedSweep },
): Promise<SweepView> {
  let held: ClaimedSweep | undefined = begun
  for (;;) {
    if (held !== undefined) await performSweep(deps, held, signal)
    const view = await store.sweeps.show(begun.id)
    if (view === undefined) throw new Refused('sweep.gone', 'The sweep was removed together with its tenant.')
    if (view.state === 'done' || view.state === 'failed') return view
    if (signal.aborted) return view
    progress(`${waitText(view.nextAt, clock.now())}: ${view.reason ?? ''}`)
    await clock.sleep(1000, signal)
    held = await deps.store.claim(worker, begun.id)
  }
}
