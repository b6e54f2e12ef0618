/** What a run would send, field by field: the trial that `mapping test` shows, of a hire that a preview has read. */
import { Failure } from '../base/failure.ts'
import type { OpenHttp } from '../base/http.ts'
import type { HiredApplication } from '../pinpoint/hired-application.ts'
import type { Integration } from '../sdk/integration.ts'
import { type ConnectionValues, readConnectionMapping } from '../tenants/connection-values.ts'
import type { CachedRead } from '../worker/context.ts'
import { type ReadOutcomes, type Trial, tryMapping } from './mapping-trial.ts'
import type { PreviewSubject } from './ports.ts'

export interface PreviewedFields {
  readonly trials: readonly Trial[]
  /** Why they were not compared with the fields and lists that the destination has now. */
  readonly unread: string | undefined
}

interface Deps {
  readonly integration: Integration | undefined
  /** Opened read-only. */
  readonly openHttp: OpenHttp
  readonly cached: CachedRead
  readonly values: ConnectionValues
}

/** Fields and lists rarely change, and a preview of many hires reads them once. */
const keptSeconds = 600

/** Undefined: the integration has nothing that could be mapped, or the mapping is of another version, which the run says. */
export async function previewFields(
  { integration, openHttp, cached, values }: Deps,
  { tenant: { timeZone }, event: { triggeredAt }, connection }: PreviewSubject,
  application: HiredApplication,
): Promise<PreviewedFields | undefined> {
  if (integration?.fields === undefined) return undefined
  const whole = readConnectionMapping(integration, connection.mapping ?? { written: {} }, values.settings)
  if (whole === undefined || whole === 'unreadable') return undefined
  const context = { settings: values.settings, secrets: values.secrets, openHttp, timeZone, cached }
  const read = await cached('fields of previews', keptSeconds, async () =>
    integration.fields?.(context),
  ).catch(unlessBug)
  const fields = read instanceof Failure ? undefined : read
  const outcomes: ReadOutcomes = async (mapped, all) =>
    (await integration.outcomes?.(context, mapped, all)) ?? []
  const tried = (given: { readonly outcomes?: ReadOutcomes }) =>
    tryMapping(whole, { application, triggeredAt }, { fields, timeZone, ...given })
  const trials = await tried({ outcomes }).catch(unlessBug)
  const failed = [read, trials].find((one) => one instanceof Failure)
  return { trials: trials instanceof Failure ? await tried({}) : trials, unread: failed?.reason }
}

function unlessBug(error: unknown): Failure {
  if (error instanceof Failure) return error
  throw error
}
