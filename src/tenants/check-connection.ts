/** Would this connection work? Makes reads to Pinpoint and the destination, and reports in plain words. */
import { Failure, NeedsPerson } from '../base/failure.ts'
import { type Fault, faultLine } from '../base/fault.ts'
import type { Http, OpenHttp } from '../base/http.ts'
import { customFieldDrift, customFieldsRead, type Drift, driftOf } from '../mapping/drift.ts'
import { readMapping } from '../mapping/mapping.ts'
import { createPinpoint, openPinpointHttp } from '../pinpoint/client.ts'
import { fieldToWrite } from '../pinpoint/custom-fields.ts'
import { manyResources } from '../pinpoint/wire.ts'
import type { CheckItem, CheckReport } from '../sdk/check.ts'
import type { Integration, ReportContext } from '../sdk/integration.ts'
import type { Connection, DecryptedConnection, StoredMapping } from './connection.ts'
import { attributeOf, type WriteBack } from './connection-options.ts'
import { readConnectionMapping, readConnectionValues } from './connection-values.ts'
import type { DecryptedTenant } from './tenant.ts'

export interface CheckDeps {
  readonly integrations: readonly Integration[]
  /** Opened read-only: a check cannot change anything, whatever an integration's author wrote. */
  readonly openHttp: OpenHttp
}

/** One that is stored, or one that is declared and not applied yet. */
export interface CheckableConnection {
  readonly connection: Pick<Connection, 'integration' | 'settings' | 'writeBack'> & {
    readonly mapping?: Written | undefined
  }
  readonly secrets: DecryptedConnection['secrets']
  readonly tenant: Pick<DecryptedTenant, 'apiUrl' | 'apiKey' | 'timeZone'>
}

type Written = Pick<StoredMapping, 'written'>

export async function checkConnection(
  { integrations, openHttp }: CheckDeps,
  { connection, secrets, tenant }: CheckableConnection,
): Promise<CheckReport> {
  const pinpoint = await checkPinpoint(openHttp, tenant, connection.writeBack)
  const integration = integrations.find(({ name }) => name === connection.integration)
  if (integration === undefined) {
    const because = `This version has no integration "${connection.integration}". Remove the connection or install one that has.`
    return [...pinpoint, { ok: false, what: 'Integration', because }]
  }
  const isReached = pinpoint.every(({ ok, aside: isAside }) => ok || isAside === true)
  return [
    ...pinpoint,
    ...(isReached ? await checkSources(openPinpointHttp(openHttp, tenant), connection.mapping) : []),
    ...(await checkDestination(integration, openHttp, {
      settings: connection.settings,
      secrets,
      timeZone: tenant.timeZone,
      mapping: connection.mapping,
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
    readonly mapping: Written | undefined
  },
): Promise<CheckReport> {
  const values = readConnectionValues(integration, stored)
  if (!values.ok) return [settingsFault(values.faults)]
  const mappedFields = Object.keys(stored.mapping?.written ?? {})
  const context = { ...values.value, openHttp, timeZone: stored.timeZone, mappedFields }
  const report = await reported(integration.title, () => integration.check(context))
  // Who is refused altogether is asked nothing more.
  const isReached = report.some(({ ok }) => ok)
  return isReached ? [...report, ...(await checkMapping(integration, context, stored.mapping))] : report
}

/** Of what a hire can do without, or parks for by itself. */
async function aside(what: string, check: () => Promise<CheckReport>): Promise<CheckReport> {
  return (await reported(what, check)).map((item) => ({ ...item, aside: true as const }))
}

/** The custom fields that the mapping names, against those that Pinpoint has now. */
async function checkSources(http: Http, stored: Written | undefined): Promise<CheckReport> {
  const mapping = readMapping(stored?.written ?? {})
  // What is unreadable is told with the rest of the mapping.
  const read = mapping.ok ? customFieldsRead(mapping.mapping) : []
  if (read.length === 0) return []
  const what = 'Pinpoint custom fields'
  return aside(what, async () => {
    const fields = await createPinpoint(http).customFields()
    if (fields === undefined) {
      const because =
        'The API key may not read them (Custom Fields: Read), so those of the mapping were not looked for.'
      return [{ ok: true, what, because }]
    }
    const drift = customFieldDrift(read, fields)
    if (drift.length > 0) return drift.map((one) => driftItem(what, one))
    return [{ ok: true, what, because: 'Pinpoint has those that the mapping names.' }]
  })
}

/** Against the fields and lists that the destination has now. */
async function checkMapping(
  integration: Integration,
  context: ReportContext<Record<string, unknown>, Record<string, unknown>>,
  stored: Written | undefined,
): Promise<CheckReport> {
  const what = 'Mapping'
  const read = readConnectionMapping(integration, stored, context.settings)
  if (read === undefined) return []
  if (read === 'unreadable')
    return [settingsFault([{ path: 'mapping', problem: 'is not valid in this version' }])]
  return aside(what, async () => {
    const fields = (await integration.fields?.(context)) ?? read.targets
    const drift = driftOf(read, fields)
    if (drift.length > 0) return drift.map((one) => driftItem(what, one))
    const because = 'The destination has every field that it fills, and what it says itself is in the lists.'
    return [{ ok: true, what, because }]
  })
}

function driftItem(what: string, { because, mend }: Drift): CheckItem {
  return { ok: false, what, because, ...(mend !== undefined && { mend }) }
}

export function settingsFault(faults: readonly Fault[]): CheckItem {
  const because = `${faults.map(faultLine).join('; ')}. Correct the file and apply it again.`
  return { ok: false, what: 'Settings', because }
}

/** Reads what every run reads: one application and the comments, each with the API key. */
async function checkPinpoint(
  openHttp: OpenHttp,
  tenant: CheckableConnection['tenant'],
  writeBack: WriteBack | undefined,
): Promise<CheckReport> {
  const open = () => openPinpointHttp(openHttp, tenant, { timeoutSeconds: 10 })
  const visible = { 'filter[job_visibility]': 'confidential,external,internal' }
  const applications = await checkRead('Pinpoint applications', open, {
    path: '/applications',
    query: visible,
  })
  // A key that is refused altogether is reported once.
  if (!applications.ok) return [applications]
  const comments = await checkRead('Pinpoint comments', open, { path: '/comments', query: {} })
  const attribute = attributeOf(writeBack)
  if (attribute !== undefined) return [applications, comments, ...(await checkAttribute(open(), attribute))]
  return [applications, comments, ...(writeBack ? await checkReference(open(), visible) : [])]
}

/** As far as it can be told without writing. */
function checkAttribute(http: Http, name: string): Promise<CheckReport> {
  const what = 'Pinpoint custom attribute'
  return aside(what, async () => {
    // Throws what is wrong with it.
    fieldToWrite(await createPinpoint(http).customFields(), name)
    const because =
      'The field is there. Whether the API key may write it (Custom Attributes: Write) only a hire shows: a run that cannot is done with a warning.'
    return [{ ok: true, what, because }]
  })
}

/** As far as it can be told without writing. */
async function checkReference(http: Http, query: Readonly<Record<string, string>>): Promise<CheckReport> {
  const what = 'Pinpoint external reference'
  return aside(what, async () => {
    const path = '/applications'
    const answer = await http.send({
      ...{ method: 'GET', path, query: { ...query, 'page[size]': '1' }, bucket: 'check', list: true },
    })
    const { data: [application] = [] } = manyResources.safeParse(answer.json).data ?? {}
    if (application === undefined)
      return [{ ok: true, what, because: 'There is no application yet by which it could be checked.' }]
    const because =
      'external_system_reference' in application.attributes
        ? 'It is shown. Whether the API key may write it (Application: Write) only a hire shows: a run that cannot is done with a warning.'
        : 'Pinpoint does not show it, so it is not written. Ask Pinpoint whether it is available, or switch writeBack off.'
    return [{ ok: 'external_system_reference' in application.attributes, what, because }]
  })
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
