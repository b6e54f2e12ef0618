/** Delivery → stored event. Nothing outside is called, and nothing is claimed before it is committed. */
import { verifyPinpoint } from '../pinpoint/signature.ts'
import type { EventStore, KnownTenant, Recorded, TenantDirectory } from './ports.ts'
import { readEvent } from './read-event.ts'

export interface Delivery {
  /** From the path; undefined: the tenant is recognised by whose signing secret verifies the body. */
  readonly tenant: string | undefined
  /** From `?integration=`; undefined: every enabled integration. */
  readonly integration: string | undefined
  readonly signature: string | undefined
  /** The body exactly as received: the signature is over these bytes. */
  readonly body: Buffer
}

export type Receipt =
  | ({ readonly outcome: 'stored'; readonly tenant: string; readonly name: string | undefined } & Recorded)
  | { readonly outcome: 'unknown_tenant' }
  | { readonly outcome: 'unknown_integration' }
  | { readonly outcome: 'signature_wrong' }

export interface ReceiveDeps {
  readonly tenants: TenantDirectory
  readonly events: EventStore
  /** Every integration's name and the events it handles. */
  readonly handlers: ReadonlyMap<string, readonly string[]>
}

export type Receive = (delivery: Delivery) => Promise<Receipt>

export function createReceive(deps: ReceiveDeps): Receive {
  return async ({ tenant: slug, integration, signature, body }) => {
    const candidates = await candidatesFor(deps.tenants, slug)
    if (candidates === undefined) return { outcome: 'unknown_tenant' }

    const tenant = candidates.find(({ signingSecrets }) => verifyPinpoint(signingSecrets, body, signature))
    if (tenant === undefined) return { outcome: 'signature_wrong' }
    if (integration !== undefined && !deps.handlers.has(integration))
      return { outcome: 'unknown_integration' }

    const event = readEvent(body)
    const handledBy = event.subject === undefined ? [] : namesHandling(deps.handlers, event.name)
    const recorded = await deps.events.record({
      tenant,
      ...event,
      asked: integration ?? '*',
      handledBy,
      body,
    })
    return { outcome: 'stored', tenant: tenant.slug, name: event.name, ...recorded }
  }
}

async function candidatesFor(
  tenants: TenantDirectory,
  slug: string | undefined,
): Promise<readonly KnownTenant[] | undefined> {
  if (slug === undefined) return tenants.all()
  const tenant = await tenants.bySlug(slug)
  return tenant === undefined ? undefined : [tenant]
}

function namesHandling(handlers: ReceiveDeps['handlers'], event: string | undefined): readonly string[] {
  return [...handlers]
    .filter(([, events]) => event !== undefined && events.includes(event))
    .map(([name]) => name)
}
