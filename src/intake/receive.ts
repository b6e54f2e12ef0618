/** Delivery → stored event. Makes no outside call, and acknowledges nothing before its commit. */
import { randomBytes } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { readSignature, verifyPinpoint } from '../pinpoint/signature.ts'
import { type AdmitDeps, type Admitted, createAdmit } from './admit.ts'
import { isByHand } from './by-hand.ts'
import { type Freshness, freshnessOf } from './freshness.ts'
import type { KnownTenant, Quarantine, TenantDirectory } from './ports.ts'
import { type ReadEvent, readEvent } from './read-event.ts'

export interface Delivery {
  /** From the path; undefined: the tenant is the one whose signing secret verifies the body. */
  readonly tenant: string | undefined
  /** From `?integration=`; undefined: every enabled integration. */
  readonly integration: string | undefined
  readonly signature: string | undefined
  /** `Content-Encoding` as received. */
  readonly coding?: string | undefined
  /** The mark of a person's `send`, as received. */
  readonly byHand?: string | undefined
  /** The body exactly as received: the signature is over these bytes. */
  readonly body: Buffer
}

export type Receipt =
  | ({ readonly outcome: 'stored'; readonly tenant: string; readonly stale: boolean } & Admitted)
  /** Its event is older than all retention: nothing is stored, and nothing starts. */
  | { readonly outcome: 'expired'; readonly tenant: string; readonly name: string | undefined }
  | { readonly outcome: 'unknown_tenant' }
  | { readonly outcome: 'unknown_integration' }
  | { readonly outcome: 'signature_wrong' }
  | { readonly outcome: 'coding_unknown' }
  | { readonly outcome: 'body_too_large' }

export interface ReceiveDeps extends AdmitDeps {
  readonly tenants: TenantDirectory
  readonly quarantine: Quarantine
}

export type Receive = (delivery: Delivery) => Promise<Receipt>

export function createReceive(deps: ReceiveDeps): Receive {
  const admit = createAdmit(deps)
  return async (delivery) => {
    const { integration, body } = delivery
    const candidates = await candidatesFor(deps.tenants, delivery.tenant)
    if (candidates === undefined) {
      // The same answer as for a wrong signature, after the same work: slugs of tenants are not disclosed.
      verifyPinpoint([decoySecret], body, delivery.signature)
      return { outcome: 'unknown_tenant' }
    }

    const known = integration === undefined || deps.handlers.has(integration)
    const asked = integration ?? '*'
    const tenant = await recognise(candidates, delivery)
    if (tenant === undefined) {
      const addressed = delivery.tenant === undefined ? undefined : candidates[0]
      // It may belong to a tenant whose secrets do not decrypt here: the sender has to send it again.
      const [locked] = addressed === undefined ? (await deps.tenants.locked()).values() : []
      if (locked !== undefined) throw locked
      // A delivery for an unknown integration would not be admitted with a right signature either.
      if (known) deps.quarantine.refused({ tenant: addressed, asked, signature: delivery.signature, body })
      return { outcome: 'signature_wrong' }
    }
    deps.quarantine.verified(tenant)
    if (!known) return { outcome: 'unknown_integration' }
    const event = readEvent(body)
    // An unreadable body is stored all the same, except these two kinds, which the sender can correct.
    if (event.unread === 'too_large') return { outcome: 'body_too_large' }
    if (event.unread !== undefined && !isKnownCoding(delivery.coding)) return { outcome: 'coding_unknown' }
    const freshness = judge(event, { delivery, tenant, now: deps.clock.now() })
    if (freshness === 'expired') return { outcome: 'expired', tenant: tenant.slug, name: event.name }
    const stale = freshness === 'stale'
    const admitted = await admit({ tenant, asked, body, event, stale })
    return { outcome: 'stored', tenant: tenant.slug, stale, ...admitted }
  }
}

function judge(
  event: ReadEvent,
  at: { readonly delivery: Delivery; readonly tenant: KnownTenant; readonly now: Date },
): Freshness {
  const { delivery, tenant, now } = at
  const freshness = freshnessOf(event, { ...tenant, now })
  const given = { header: delivery.byHand, body: delivery.body }
  return freshness === 'fresh' || isByHand(given, { secrets: tenant.signingSecrets, now })
    ? 'fresh'
    : freshness
}

const decoySecret = randomBytes(32).toString('hex')

async function candidatesFor(
  tenants: TenantDirectory,
  slug: string | undefined,
): Promise<readonly KnownTenant[] | undefined> {
  if (slug === undefined) return tenants.all()
  const tenant = await tenants.bySlug(slug)
  return tenant === undefined ? undefined : [tenant]
}

/** The codings that we decode, and a charset, which some senders put here. */
function isKnownCoding(coding = ''): boolean {
  const codings = coding.split(',').map((name) => name.trim().toLowerCase())
  return codings.every((name) => ['', 'identity', 'gzip', 'x-gzip', 'deflate', 'br', 'utf-8'].includes(name))
}

/** One large body under the secrets of a thousand tenants takes a second: other deliveries are served in between. */
const bytesBetweenTurns = 1024 * 1024
/** The fixed cost of one signature, in bytes that could be hashed in the same time. */
const bytesPerSecret = 4096

async function recognise(
  candidates: readonly KnownTenant[],
  { body, signature }: Delivery,
): Promise<KnownTenant | undefined> {
  if (readSignature(signature) === undefined) return undefined
  let hashed = 0
  let found: KnownTenant | undefined
  for (const tenant of candidates) {
    if (verifyPinpoint(tenant.signingSecrets, body, signature)) {
      // Two tenants with one secret: the owner of the hire cannot be known, and must not be guessed.
      if (found !== undefined) return undefined
      found = tenant
    }
    hashed += (body.length + bytesPerSecret) * tenant.signingSecrets.length
    if (hashed < bytesBetweenTurns) continue
    await nextTurn()
    hashed = 0
  }
  return found
}
