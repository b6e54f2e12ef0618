/** `quarantine list | show | verify | purge` */
import { quarantineAdmin, quarantineToAdmit } from '../app/operator.ts'
import type { StoreToRead } from '../app/store-to-read.ts'
import { counted } from '../base/duration.ts'
import { Failure, NeedsPerson, Refused } from '../base/failure.ts'
import type { KnownTenant } from '../intake/ports.ts'
import { handlers } from '../integrations/registry.ts'
import type { QuarantineView } from '../quarantine/ports.ts'
import { verifiedBy, verifyAgain } from '../quarantine/verify-again.ts'
import type { Command } from './command.ts'
import { mustKnow, unknownTenant } from './known-names.ts'
import { limitOf, limitOption } from './limit.ts'
import { quarantineRow, quarantineText, quarantineTitles, verifiedText } from './quarantine-view.ts'
import { table } from './table.ts'
import { withStore, withStoreToRead } from './with-store.ts'

const tenantOption = { name: 'tenant', value: 'TENANT', description: 'Only of this tenant' }

export const quarantineList: Command = {
  name: 'quarantine list',
  summary: 'List deliveries whose signature was wrong, newest first',
  details: 'Their bodies are encrypted and never printed.',
  options: [tenantOption, limitOption],
  examples: ['quarantine list', 'quarantine list --tenant acme --json'],
  prints: 'data',
  database: 'reads',
  run: async (context) => {
    const tenant = context.input.option('tenant')
    const filter = { ...(tenant === undefined ? {} : { tenant }), limit: limitOf(context.input) }
    return withStoreToRead(context, async (store) => {
      const admin = quarantineAdmin(store)
      const kept = await admin.list(filter)
      if (tenant !== undefined && kept.length === 0) await mustKnow(store.tenants, tenant)
      if (kept.length === 0) return { data: [], text: 'Nothing is in quarantine.' }
      return {
        data: kept.map((one) => ({ ...one })),
        text: table(quarantineTitles, kept.map(quarantineRow)),
        next: kept.every(({ signature }) => signature === 'missing')
          ? unsigned
          : 'Next, once the signing secret is corrected: pinpoint-webhooks quarantine verify',
      }
    })
  },
}

export const quarantineShow: Command = {
  name: 'quarantine show',
  summary: 'Show one delivery of quarantine, and whether a secret verifies it now',
  arguments: [{ name: 'ID', description: 'Its id, such as qua_…' }],
  examples: ['quarantine show qua_0abc'],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withStoreToRead(context, async (store) => {
      const id = context.input.argument('ID')
      const admin = quarantineAdmin(store)
      const view = await admin.show(id)
      if (view === undefined) throw unknownDelivery(id)
      const opened = await admin.open(id)
      const tenant = opened && verifiedBy(opened, await openTenants(store))
      const data = { ...view, verifies: tenant !== undefined }
      return { data, text: quarantineText(data), ...next(view, tenant) }
    }),
}

export const quarantineVerify: Command = {
  name: 'quarantine verify',
  summary: 'Admit what a corrected signing secret verifies now',
  details:
    'After the secret was corrected with `apply`. What is admitted becomes an event as if it had just come, its runs ' +
    'start, and it leaves quarantine; what Pinpoint has sent again in the meantime is a duplicate. Safe to repeat.',
  options: [tenantOption],
  examples: ['quarantine verify', 'quarantine verify --tenant acme --json'],
  prints: 'data',
  database: 'changes',
  run: (context) =>
    withStore(context, async (store) => {
      const slug = context.input.option('tenant')
      const only = slug === undefined ? undefined : await store.tenants.open(slug)
      if (slug !== undefined && only === undefined) throw await unknownTenant(store.tenants, slug)
      const tenants = only === undefined ? await openTenants(store) : [only]
      const result = await verifyAgain(
        quarantineToAdmit(store, { handlers, log: context.log }),
        tenants,
        only?.id,
      )
      const { admitted, stillWrong, unreadable } = result
      return {
        data: {
          admitted: admitted.map(({ name = null, event = null, ...one }) => ({ ...one, event, name })),
          stillWrong,
          unreadable,
        },
        text: verifiedText(result),
        changes: Array.from(
          Map.groupBy(admitted, (one) => one.tenant),
          ([tenant, of]) => ({ tenant, did: { admitted: of.length } }),
        ),
        ...(admitted.length === 0 ? {} : { next: 'Next: pinpoint-webhooks runs list' }),
      }
    }),
}

export const quarantinePurge: Command = {
  name: 'quarantine purge',
  summary: 'Delete what is in quarantine: all of it, of one tenant, or one delivery',
  arguments: [{ name: 'ID', description: 'Only this one', optional: true }],
  options: [tenantOption, { name: 'yes', description: 'Really delete it' }],
  examples: ['quarantine purge --tenant acme --yes', 'quarantine purge qua_0abc --yes'],
  prints: 'data',
  database: 'changes',
  run: async (context) => {
    const { input } = context
    if (!input.flag('yes')) {
      throw new NeedsPerson('cli.not_confirmed', 'This would delete deliveries in quarantine for good.', {
        fix: 'Run it again with --yes.',
      })
    }
    return withStore(context, async (store) => {
      const tenant = input.option('tenant')
      const id = input.optionalArgument('ID')
      if (tenant !== undefined) await mustKnow(store.tenants, tenant)
      const purged = await quarantineAdmin(store).purge({
        ...(tenant === undefined ? {} : { tenant }),
        ...(id === undefined ? {} : { id }),
      })
      if (id !== undefined && purged === 0) throw unknownDelivery(id)
      const did = { deleted: purged, ...(id === undefined ? {} : { delivery: id }) }
      return {
        data: { purged },
        text: `${counted(purged, 'delivery', 'deliveries')} deleted.`,
        changes: purged === 0 ? [] : [{ tenant: tenant ?? null, did }],
      }
    })
  },
}

/** The tenants whose secrets can be decrypted. */
async function openTenants({ tenants }: Pick<StoreToRead, 'tenants'>): Promise<readonly KnownTenant[]> {
  return (await tenants.openAll()).flatMap(({ opened }) => (opened instanceof Failure ? [] : [opened]))
}

const unsigned = 'What has no signature can never be verified: set the signing secret in Pinpoint.'

function unknownDelivery(id: string): Refused {
  return new Refused('intake.not_in_quarantine', `There is no delivery ${id} in quarantine.`)
}

function next(view: QuarantineView, tenant: KnownTenant | undefined): { readonly next?: string } {
  if (tenant !== undefined)
    return { next: `Next: pinpoint-webhooks quarantine verify --tenant ${tenant.slug}` }
  return view.signature === 'missing' ? { next: unsigned } : {}
}
