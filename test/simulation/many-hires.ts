/** Many hires at once under the limits that Pinpoint and HiBob document, on the virtual clock: half an hour takes seconds. */
import { calmWeather, type HirePlan, type Scenario, type TenantPlan } from './scenario.ts'
import { createWorld, start } from './simulate.ts'

export interface ManyHires {
  readonly hires: number
  /** Their companies. All call Pinpoint from one address. */
  readonly tenants: number
  readonly concurrency: number
  readonly seed: number
}

export interface LimitedThroughput {
  readonly done: number
  /** From the first webhook to the last hire. */
  readonly seconds: number
  readonly pinpointCalls: number
  readonly refusedCalls: number
  /** Attempts of all runs, those included that only found a limit used up. */
  readonly attempts: number
}

/** Each way; so a call takes a fifth of a second. */
const callMilliseconds = 100

export async function manyHires({
  hires,
  tenants,
  concurrency,
  seed,
}: ManyHires): Promise<LimitedThroughput> {
  const slugs = Array.from({ length: tenants }, (_, index) => `company-${index + 1}`)
  const scenario: Scenario = {
    tenants: slugs.map(tenantPlan),
    hires: Array.from({ length: hires }, (_, index) => hirePlan(slugs[index % tenants] ?? '', index)),
    acts: [],
    weather: calmWeather,
    impatience: 0,
    ...{ intakes: 1, workers: 1, concurrency },
  }
  const world = createWorld(seed, scenario, { callMilliseconds, mostSteps: 1_000_000 })
  const { pinpoint } = world.outside
  await world.live(() => {
    for (const subdomain of slugs)
      pinpoint.addTenant({ ...pinpoint.tenant(subdomain), subdomain, rateLimited: true })
  })
  await world.until(world.fleet.stop())
  const { runs, history } = world.stores.database
  const done = [...runs.values()].filter(({ state }) => state === 'done')
  const last = Math.max(...done.map(({ updatedAt }) => updatedAt.getTime()))
  const counts = Object.entries(world.outside.calls.counts())
  const calls = (of: RegExp) =>
    counts.filter(([name]) => of.test(name)).reduce((sum, [, count]) => sum + count, 0)
  return {
    done: done.length,
    seconds: (last - start.getTime()) / 1000,
    pinpointCalls: calls(/^pinpoint /),
    refusedCalls: calls(/ 429$/),
    attempts: [...history.values()].flat().filter(({ state }) => state === 'running').length,
  }
}

function tenantPlan(slug: string): TenantPlan {
  return { slug, lag: { employees: 0, documents: 0, comments: 0 }, rateLimited: true, webhook: false }
}

function hirePlan(tenant: string, index: number): HirePlan {
  return {
    tenant,
    application: String(9_000_001 + index),
    email: `person.${index}@example.com`,
    firstName: 'Ada',
    at: 0,
    copies: [],
    againAt: undefined,
    cv: true,
    gap: 'none',
  }
}
