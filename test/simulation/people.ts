/** Everybody around the service: Pinpoint, which sends and sends again, and the people who operate and mend. */
import { hireEvent, signPinpoint } from '../../sandbox/index.ts'
import type { World } from '../../sandbox/world.ts'
import { Failure } from '../../src/base/failure.ts'
import type { ConnectionId, TenantId } from '../../src/base/ids.ts'
import { integrations } from '../../src/integrations/registry.ts'
import { cancelRun, replayEvent, resumeRun } from '../../src/operator/operate.ts'
import { applyDeclaration } from '../../src/tenants/apply.ts'
import type { MemoryStores } from '../support/memory/stores.ts'
import { changeEmail, mendDanger } from './dangerous.ts'
import { origin } from './network.ts'
import { openPorts, type PortsDeps } from './ports.ts'
import { handlers, type IntakeProcess } from './processes.ts'
import type { ActPlan, HirePlan, TenantPlan } from './scenario.ts'

/** No two companies share one. */
const signingSecretOf = (tenant: string) => `signing_secret_of_${tenant}`

/** How a tenant stands at the moment: what the next declaration says. */
interface Standing {
  readonly plan: TenantPlan
  enabled: boolean
  documents: 'shared' | 'confidential'
  token: string
}

export interface Acknowledged {
  readonly tenant: string
  readonly application: string
  readonly event: string
}

export interface PeopleDeps extends PortsDeps {
  readonly world: World
  readonly stores: MemoryStores
  /** An intake process that is there. */
  readonly intake: () => IntakeProcess | undefined
}

export interface People {
  /** Sets the tenants up. */
  prepare(tenants: readonly TenantPlan[]): Promise<void>
  /** Sends one event of this hire until it is acknowledged, or Pinpoint gives up. */
  send(hire: HirePlan, triggeredAt: number): Promise<void>
  act(plan: ActPlan): Promise<void>
  /** Somebody sees that a run waits, and will not. */
  resume(run: string): Promise<void>
  /** Mends whatever may keep a run parked, and resumes those that are. */
  mendAll(hires: readonly HirePlan[]): Promise<void>
  readonly acknowledged: readonly Acknowledged[]
}

/** Pinpoint waits so long for an answer, and sends again after these pauses. */
const patience = 5_000
const pauses = [1_000, 10_000, 60_000, 600_000, 3_600_000]

export function createPeople(deps: PeopleDeps): People {
  const { scheduler, world, stores, random } = deps
  const pinpoint = scheduler.actor('pinpoint')
  const operator = scheduler.actor('operator')
  const ports = openPorts({ ...deps, weather: { ...deps.weather, database: 0 } }, operator)
  const clock = scheduler.clockOf(pinpoint)
  const standings = new Map<string, Standing>()
  const acknowledged: Acknowledged[] = []

  async function deliver(hire: HirePlan, body: string): Promise<boolean> {
    const intake = deps.intake()
    if (intake === undefined) return false
    const signature = signPinpoint(signingSecretOf(hire.tenant), body)
    const delivery = { tenant: hire.tenant, integration: undefined, signature, body: Buffer.from(body) }
    const ended = new AbortController()
    const receipt = await Promise.race([
      intake.receive(delivery).catch(() => undefined),
      clock.sleep(patience, ended.signal).then(() => undefined),
    ])
    ended.abort()
    // The answer may be lost on its way: then Pinpoint sends again what is stored already.
    if (
      receipt?.outcome !== 'stored' ||
      receipt.event === undefined ||
      random.happens(deps.weather.network / 2)
    )
      return false
    acknowledged.push({ tenant: hire.tenant, application: hire.application, event: receipt.event })
    return true
  }

  async function apply(slug: string): Promise<void> {
    const standing = mustStand(slug)
    const ids = {
      tenant: () => stores.database.nextId('ten') as TenantId,
      connection: () => stores.database.nextId('con') as ConnectionId,
    }
    const text = JSON.stringify({ tenants: [declared(standing)] })
    await applyDeclaration({ store: ports.declarations, integrations, variables: {}, ids }, text)
  }

  function mustStand(slug: string): Standing {
    const standing = standings.get(slug)
    if (standing === undefined) throw new Error(`there is no tenant ${slug}`)
    return standing
  }

  async function actOn(plan: ActPlan): Promise<void> {
    const { tenant } = plan
    switch (plan.what) {
      case 'replay': {
        const [event] = await ports.runAdmin.listEvents({ tenant, subject: plan.application, limit: 1 })
        const handles = { event: () => [...handlers.keys()] }
        if (event !== undefined) await replayEvent(ports.runAdmin, event.id, handles)
        return
      }
      case 'cancel':
      case 'resume': {
        const runs = await ports.runAdmin.listRuns({ tenant, limit: 100 })
        const run = runs.find(({ subject }) => subject === plan.application)
        if (run !== undefined) await (plan.what === 'cancel' ? cancelRun : resumeRun)(ports.runAdmin, run.id)
        return
      }
      case 'mend': {
        mend(world, tenant, plan.application)
        return
      }
      case 'change e-mail':
        return changeEmail(world, ports.runAdmin, plan)
      case 'make by hand':
        if (world.hibob.withEmail(tenant, plan.email).length === 0) {
          const { email, firstName } = plan
          world.hibob.addEmployee({ company: tenant, email, firstName })
        }
        return
      case 'revoke credentials':
        world.hibob.configure(tenant, { serviceUserToken: 'another-token' })
        return
      case 'renew credentials':
      case 'change settings':
      case 'switch off':
      case 'switch on':
        changeStanding(mustStand(tenant), plan.what, world)
        return apply(tenant)
    }
  }

  async function ifPossible(act: () => Promise<unknown>): Promise<void> {
    try {
      await act()
    } catch (error) {
      // What is not possible at the moment is refused, as on the command line.
      if (!(error instanceof Failure)) throw error
      scheduler.say(operator, `refused: ${error.code}`)
    }
  }

  return {
    acknowledged,
    async prepare(tenants) {
      for (const plan of tenants) {
        setUp(world, plan)
        standings.set(plan.slug, { plan, enabled: true, documents: 'shared', token: 'token' })
        await apply(plan.slug)
      }
    },
    async send(hire, triggeredAt) {
      const body = hireEvent(hire.application, 1, triggeredAt)
      for (const pause of pauses) {
        if (
          await scheduler
            .does(pinpoint, `send ${hire.application}`, () => undefined)
            .then(() => deliver(hire, body))
        ) {
          scheduler.say(pinpoint, `${hire.application} is acknowledged`)
          return
        }
        await clock.sleep(pause)
      }
    },
    async act(plan) {
      scheduler.say(operator, describe(plan))
      await ifPossible(() => actOn(plan))
    },
    resume: (run) => ifPossible(() => resumeRun(ports.runAdmin, run)),
    async mendAll(hires) {
      const parked = await ports.runAdmin.listRuns({ states: ['parked'], limit: 1000 })
      for (const hire of hires) {
        mend(world, hire.tenant, hire.application)
        if (parked.some(({ subject }) => subject === hire.application)) mendDanger(world, hire)
      }
      for (const standing of standings.values()) {
        changeStanding(standing, 'renew credentials', world)
        standing.enabled = true
        await apply(standing.plan.slug)
        for (const { id } of await ports.runAdmin.listRuns({
          tenant: standing.plan.slug,
          states: ['parked'],
          limit: 1000,
        })) {
          await resumeRun(ports.runAdmin, id)
        }
      }
    },
  }
}

function describe({ what, tenant, ...about }: ActPlan): string {
  const subject = 'application' in about ? about.application : 'email' in about ? about.email : ''
  return `${what} ${tenant} ${subject}`.trim()
}

function setUp(world: World, { slug, lag, rateLimited }: TenantPlan): void {
  world.pinpoint.addTenant({ subdomain: slug, apiKey: `key-of-${slug}`, commentLagMs: lag.comments })
  world.receivers.addReceiver({ name: slug })
  world.hibob.addCompany({
    name: slug,
    serviceUserId: `SERVICE-${slug}`,
    serviceUserToken: 'token',
    readLagMs: lag.employees,
    documentLagMs: lag.documents,
    rateLimited,
  })
}

function mend(world: World, tenant: string, application: string): void {
  const changes = { startOn: '2026-06-01', concealed: false }
  world.pinpoint.changeApplication(application, changes, tenant)
}

function changeStanding(standing: Standing, what: ActPlan['what'], world: World): void {
  if (what === 'renew credentials') {
    standing.token = `${standing.token}-anew`
    world.hibob.configure(standing.plan.slug, { serviceUserToken: standing.token })
  }
  if (what === 'change settings') {
    standing.documents = standing.documents === 'shared' ? 'confidential' : 'shared'
  }
  if (what === 'switch off') standing.enabled = false
  if (what === 'switch on') standing.enabled = true
}

function declared({ plan, enabled, documents, token }: Standing) {
  const { slug } = plan
  const hibob = {
    integration: 'hibob',
    enabled,
    secrets: { serviceUserId: `SERVICE-${slug}`, serviceUserToken: token },
    settings: { site: 'New York (Demo)', apiUrl: `${origin}/hibob/v1`, documents },
  }
  const webhook = {
    integration: 'webhook',
    enabled: true,
    secrets: { signingSecret: 'whsec_c2FuZGJveC1yZWNlaXZlci1zZWNyZXQtMDAwMQ==' },
    settings: { url: `${origin}/receiver/${slug}` },
  }
  return {
    slug,
    pinpoint: {
      // Pinpoint's own host: its limits are those of all who call from one address.
      apiUrl: `http://${slug}.pinpointhq.com/pinpoint/${slug}/api/v1`,
      apiKey: `key-of-${slug}`,
      signingSecrets: [signingSecretOf(slug)],
    },
    connections: plan.webhook ? [hibob, webhook] : [hibob],
  }
}
