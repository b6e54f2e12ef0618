/** A second tenant beside the world's own, with a HiBob of its own, and services to start on the same database. */
import { hireEvent, signPinpoint } from '../../sandbox/index.ts'
import { type Service, startService } from '../../src/app/service.ts'
import { readConfig } from '../../src/config/environment.ts'
import { integrations } from '../../src/integrations/registry.ts'
import { type Log, silentLog } from '../../src/observe/log.ts'
import { applyDeclaration } from '../../src/tenants/apply.ts'
import { hibobTenant } from '../support/hibob-tenant.ts'
import { signingSecret, type World } from '../support/world.ts'

/** No two companies share one. */
const secretOf = (slug: string) => `${signingSecret}_of_${slug}`

export async function addTenant(world: World, slug: string, pinpointUrl?: string): Promise<void> {
  const { sandbox, store } = world
  sandbox.pinpoint.addTenant({ subdomain: slug })
  sandbox.hibob.addCompany({ name: slug, serviceUserId: slug, serviceUserToken: `token-${slug}` })
  await applyDeclaration(
    { store: store.declarations, integrations, variables: {} },
    JSON.stringify({
      tenants: [hibobTenant(sandbox, { slug, signingSecrets: [secretOf(slug)], pinpointUrl })],
    }),
  )
}

/** A hire of that tenant, posted to that service. */
export async function hireOf(
  world: World,
  slug: string,
  { email, url = world.service?.url ?? '' }: { readonly email: string; readonly url?: string },
): Promise<void> {
  const { id, job } = world.sandbox.pinpoint.addApplication({ tenant: slug, email })
  const body = hireEvent(id, job.id)
  const response = await fetch(`${url}/webhooks/pinpoint/${slug}`, {
    method: 'POST',
    body,
    headers: { 'PINPOINT-HMAC-SHA256': signPinpoint(secretOf(slug), body) },
  })
  if (response.status !== 200) throw new Error(`the webhook was answered ${response.status}`)
}

const started: Service[] = []

/** Another process in all but name: nothing is shared with the world's own service but the database. */
export async function startAnother(
  world: World,
  env: Readonly<Record<string, string>> = {},
  log: Log = silentLog,
): Promise<Service> {
  const service = await startService(readConfig({ ...world.env, ...env }), log)
  started.push(service)
  return service
}

/** Before the world is closed: its sandbox and database are in use until then. */
export async function stopAll(): Promise<void> {
  await Promise.all(started.splice(0).map((service) => service.close()))
}

export interface Line {
  readonly level: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

/** A log that remembers its lines of level warn and above. */
export function rememberingLog(): Log & { readonly lines: Line[]; alerts(kind: string): readonly Line[] } {
  const lines: Line[] = []
  const remember = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields: { ...fields }, message })
  }
  return {
    ...silentLog,
    warn: remember('warn'),
    error: remember('error'),
    lines,
    alerts: (kind) => lines.filter(({ fields }) => fields['alert'] === kind),
  }
}
