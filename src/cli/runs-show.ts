/** `runs show` */
import type { StoreToRead } from '../app/store-to-read.ts'
import { systemClock } from '../base/clock.ts'
import { checkAgainst } from '../base/fault.ts'
import { integrations } from '../integrations/registry.ts'
import type { RunView } from '../operator/operate.ts'
import type { Command } from './command.ts'
import { chooseRun, runArgument, runChoiceOptions, unknownRun } from './run-choice.ts'
import { runData, runText } from './run-text.ts'
import { hireData, hiresOf, hireText, revealOption } from './shown-hires.ts'
import { withStoreToRead } from './with-store.ts'

/** The number of further runs of the same hire that are listed. */
const mostOthers = 5

export const runsShow: Command = {
  name: 'runs show',
  summary: 'Show one run with its timeline',
  details: 'Of an application or an event the newest run is shown; the others are named.',
  arguments: [runArgument],
  options: [...runChoiceOptions, revealOption],
  examples: ['runs show 8863807', 'runs show 8863807 --reveal', 'runs show run_0abc_hibob'],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withStoreToRead(context, async (store) => {
      const { input } = context
      const { id } = await chooseRun(store.runs, input)
      const shown = await store.runs.showRun(id)
      if (shown === undefined) throw unknownRun({ kind: 'id', value: id })
      const { run, timeline, rechecks, cost } = shown
      const [hire] = await hiresOf(store, [run], context)
      const recordUrl = await recordUrlOf(store, run)
      return {
        data: {
          ...runData(run),
          hire: hireData(hire),
          recordUrl: recordUrl ?? null,
          ...cost,
          rechecks: rechecks.map((recheck) => ({ ...recheck })),
          timeline: timeline.map((entry) => ({ ...entry })),
        },
        text: runText(shown, {
          who: hireText(hire, run),
          inClear: typeof hire === 'object' && !hire.masked ? hire : undefined,
          recordUrl,
          pinpoint: await pinpointOf(store, run),
          others: await othersOf(store, run),
          now: systemClock.now(),
        }),
      }
    }),
}

async function othersOf({ runs }: Pick<StoreToRead, 'runs'>, { id, tenant, subject, integration }: RunView) {
  const all = await runs.listRuns({ tenant, subject, integration, limit: mostOthers + 1 })
  return all.filter((one) => one.id !== id).slice(0, mostOthers)
}

async function recordUrlOf(
  { connections }: Pick<StoreToRead, 'connections'>,
  { tenant, integration: name, result }: RunView,
): Promise<string | undefined> {
  const integration = integrations.find((one) => one.name === name)
  const connection = (await connections.list(tenant)).find((one) => one.integration === name)
  const record = result?.['recordId']
  if (integration?.recordUrl === undefined || connection === undefined || typeof record !== 'string')
    return undefined
  const settings = checkAgainst(integration.settings, connection.settings)
  return settings.ok ? integration.recordUrl(record, settings.value) : undefined
}

/** Only the origin: Pinpoint does not document the address of an application's page. */
async function pinpointOf(
  { tenants }: Pick<StoreToRead, 'tenants'>,
  { tenant: slug }: RunView,
): Promise<string | undefined> {
  const tenant = (await tenants.list()).find((one) => one.slug === slug)
  return tenant && new URL(tenant.apiUrl).origin
}
