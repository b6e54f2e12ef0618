/** Would this connection work? Makes reads to Pinpoint and the destination, and reports in plain words. */
import { Failure, NeedsPerson } from '../base/failure.ts'
import { type Fault, faultLine } from '../base/fault.ts'
import type { Http, OpenHttp } from '../base/http.ts'
import { openPinpointHttp } from '../pinpoint/client.ts'
import type { CheckItem, CheckReport } from '../sdk/check.ts'
import type { Integration } from '../sdk/integration.ts'
import type { DecryptedConnection } from './connection.ts'
import { readConnectionValues } from './connection-values.ts'
import type { DecryptedTenant } from './tenant.ts'

export interface CheckDeps {
  readonly integrations: readonly Integration[]
  /** Opened read-only: a check cannot change anything, whatever an integration's author wrote. */
  readonly openHttp: OpenHttp
}

export async function checkConnection(
  { integrations, openHttp }: CheckDeps,
  { connection, secrets, tenant }: DecryptedConnection,
): Promise<CheckReport> {
  const pinpoint = await checkPinpoint(openHttp, tenant)
  const integration = integrations.find(({ name }) => name === connection.integration)
  if (integration === undefined) {
    const because = `This version has no integration "${connection.integration}". Remove the connection or install one that has.`
    return [...pinpoint, { ok: false, what: 'Integration', because }]
  }
  return [
    ...pinpoint,
    ...(await checkDestination(integration, openHttp, {
      settings: connection.settings,
      secrets,
      timeZone: tenant.timeZone,
    })),
  ]
}

async function checkDestination(
  integration: Integration,
  openHttp: OpenHttp,
  stored: {
    readonly settings: unknown
    readonly secrets: unknown
    readonly timeZone: string | undefined
  },
): Promise<CheckReport> {
  const values = readConnectionValues(integration, stored)
  if (!values.ok) return [settingsFault(values.faults)]
  const context = { ...values.value, openHttp, timeZone: stored.timeZone }
  return reported(integration.title, () => integration.check(context))
}

export function settingsFault(faults: readonly Fault[]): CheckItem {
  const because = `${faults.map(faultLine).join('; ')}. Correct the file and apply it again.`
  return { ok: false, what: 'Settings', because }
}

/** Reads what every run reads: one application and the comments, each with the API key. */
async function checkPinpoint(openHttp: OpenHttp, tenant: DecryptedTenant): Promise<CheckReport> {
  const open = () => openPinpointHttp(openHttp, tenant, { timeoutSeconds: 10 })
  const visible = { 'filter[job_visibility]': 'confidential,external,internal' }
  const applications = await checkRead('Pinpoint applications', open, {
    path: '/applications',
    query: visible,
  })
  // A key that is refused altogether is reported once.
  if (!applications.ok) return [applications]
  return [applications, await checkRead('Pinpoint comments', open, { path: '/comments', query: {} })]
}

async function checkRead(
  what: string,
  open: () => Http,
  { path, query }: { readonly path: string; readonly query: Readonly<Record<string, string>> },
): Promise<CheckItem> {
  const [item] = await reported(what, async () => {
    // https://developers.pinpointhq.com/reference/get-applications
    await open().send({ method: 'GET', path, query: { ...query, 'page[size]': '1' }, bucket: 'check' })
    return [{ ok: true, what, because: 'The API key can read them.' }]
  })
  return item ?? { ok: false, what, because: 'Nothing was checked.' }
}

/** A failure is what a check looks for, so it is reported. Anything else is a bug and is thrown. */
export async function reported(what: string, check: () => Promise<CheckReport>): Promise<CheckReport> {
  try {
    return await check()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const because = error instanceof NeedsPerson ? `${error.message} ${error.fix}` : error.message
    return [{ ok: false, what, because }]
  }
}
