/** What happens in one simulated company after another, drawn by the seed: who is hired, what people do, what goes wrong. */
import { type Danger, drawDangerous } from './dangerous.ts'
import { createRandom, type Random } from './random.ts'
import type { Outage, Weather } from './weather.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute

export interface Scenario {
  readonly tenants: readonly TenantPlan[]
  readonly hires: readonly HirePlan[]
  readonly acts: readonly ActPlan[]
  readonly weather: Weather
  /** How often somebody resumes a run by hand that waits because an outcome is unclear. */
  readonly impatience: number
  readonly intakes: number
  readonly workers: number
  readonly concurrency: number
}

export interface TenantPlan {
  readonly slug: string
  /** How long reads lag behind what was written, in milliseconds: at most what the integration declares. */
  readonly lag: { readonly employees: number; readonly documents: number; readonly comments: number }
  /** HiBob counts calls and answers 429. */
  readonly rateLimited: boolean
  /** Also a connection to a receiver of signed webhooks. */
  readonly webhook: boolean
}

/** One application that is hired. Several of one person share the e-mail and the name. */
export interface HirePlan {
  readonly tenant: string
  readonly application: string
  readonly email: string
  readonly firstName: string
  /** When Pinpoint sends the event, and how often in all, in milliseconds after the start. */
  readonly at: number
  readonly copies: readonly number[]
  /** Hired again later: another event about the same application. */
  readonly againAt: number | undefined
  readonly cv: boolean
  /** What a person has to mend before it can go on. */
  readonly gap: 'none' | 'start date' | 'concealed'
  /** Why somebody could take them for another, and nobody may. */
  readonly danger?: Danger
}

export type ActPlan = {
  readonly at: number
  readonly tenant: string
} & (
  | { readonly what: 'replay' | 'cancel' | 'resume'; readonly application: string }
  | { readonly what: 'mend'; readonly application: string }
  /** HiBob gets another e-mail for the employee, once the hire is done. */
  | { readonly what: 'change e-mail'; readonly application: string; readonly email: string }
  | { readonly what: 'make by hand'; readonly email: string; readonly firstName: string }
  | { readonly what: 'change settings' | 'switch off' | 'switch on' }
  | { readonly what: 'revoke credentials' | 'renew credentials' }
)

export function drawScenario(seed: number): Scenario {
  const random = createRandom(seed, 'scenario')
  const tenants = ['acme', 'globex']
    .slice(0, random.happens(0.25) ? 2 : 1)
    .map((slug) => drawTenant(random, slug))
  const hires = tenants.flatMap((tenant) => drawHires(random, tenant))
  const chance = createRandom(seed, 'dangerous')
  const dangerous = tenants.flatMap(({ slug }) =>
    chance.happens(0.4) ? [drawDangerous(chance, slug, slug === 'acme' ? 9_000_101 : 8_000_101)] : [],
  )
  return {
    tenants,
    hires: [...hires, ...dangerous.flatMap((one) => one.hires)],
    acts: [
      ...hires.flatMap((hire) => drawActs(random, hire)),
      ...tenants.flatMap((one) => drawChanges(random, one)),
      ...dangerous.flatMap((one) => one.acts),
    ],
    weather: drawWeather(random),
    impatience: random.pick([0, 0, 0.5]),
    intakes: random.between(1, 2),
    workers: random.between(1, 3),
    concurrency: random.between(1, 4),
  }
}

/** Less to do, and all of it under the worst weather there is. */
export function inStorm(scenario: Scenario): Scenario {
  const accidents = { most: 6, often: 0.05 }
  return {
    ...scenario,
    tenants: scenario.tenants.map((tenant) => ({ ...tenant, lag: longestLag, rateLimited: false })),
    weather: { ...scenario.weather, network: 0.2, accidents, calmAfter: hour, outage: undefined },
    impatience: 0.5,
    workers: 3,
  }
}

export const calmWeather: Weather = {
  ...{ network: 0, database: 0, notifications: 0, accidents: { most: 0, often: 0 } },
  ...{ calmAfter: 0, outage: undefined },
}

/** People who can be taken for others, and no weather. */
export function inCalm({ hires, acts, weather, ...scenario }: Scenario): Scenario {
  const dangerous = hires.filter(({ danger }) => danger !== undefined)
  return {
    ...scenario,
    hires: dangerous,
    acts: acts.filter(({ what }) => what === 'change e-mail'),
    weather: { ...weather, ...calmWeather },
  }
}

/** A destination that fails for as long as any run may wait, and nobody who does anything about it. */
export function inEndless(scenario: Scenario, outage: Pick<Outage, 'system' | 'onlyMakes'>): Scenario {
  return {
    ...inCalm(scenario),
    hires: scenario.hires,
    acts: [],
    impatience: 0,
    weather: { ...inCalm(scenario).weather, outage: { ...outage, from: 0, until: 200 * hour } },
  }
}

/** What HiBob documents, and what the comment declares. */
const longestLag = { employees: 20 * second, documents: 20 * second, comments: 5 * second }

function drawTenant(random: Random, slug: string): TenantPlan {
  const upTo = (most: number) => (random.happens(0.4) ? most : random.between(0, most))
  return {
    slug,
    lag: { employees: upTo(20 * second), documents: upTo(20 * second), comments: upTo(5 * second) },
    rateLimited: random.happens(0.1),
    webhook: random.happens(0.25),
  }
}

function drawHires(random: Random, { slug }: TenantPlan): readonly HirePlan[] {
  const people = random.between(1, 2)
  const spread = random.pick([0, 2 * second, minute, 20 * minute])
  let made = 0
  return ['Ada', 'Grace'].slice(0, people).flatMap((firstName, index) => {
    const email = `person.${index + 1}@${slug}.example.com`
    return Array.from({ length: random.happens(0.45) ? 2 : 1 }, (): HirePlan => {
      const at = random.between(0, spread)
      const copies = Array.from({ length: random.happens(0.4) ? random.between(1, 3) : 0 }, () =>
        random.between(0, 5 * second),
      )
      return {
        tenant: slug,
        application: String((slug === 'acme' ? 9_000_001 : 8_000_001) + made++),
        // Spelled as people spell it: it is one key all the same.
        firstName,
        email: random.happens(0.3) ? email.toUpperCase().replace('EXAMPLE.COM', 'example.com') : email,
        at,
        copies,
        againAt: random.happens(0.2) ? at + random.between(second, 2 * hour) : undefined,
        cv: random.happens(0.9),
        gap: random.happens(0.85) ? 'none' : random.pick(['start date', 'concealed']),
      }
    })
  })
}

function drawActs(
  random: Random,
  { tenant, application, email, firstName, at, gap }: HirePlan,
): readonly ActPlan[] {
  const soon = () => at + random.between(0, random.pick([5 * second, minute, 10 * minute]))
  const acts: ActPlan[] = []
  for (const what of ['replay', 'cancel', 'resume'] as const) {
    if (random.happens(0.15)) acts.push({ at: soon(), tenant, what, application })
  }
  // Who cancels in earnest often replays in the next moment.
  if (acts.some(({ what }) => what === 'cancel') && random.happens(0.7)) {
    acts.push({ at: at + random.between(0, 2 * minute), tenant, what: 'replay', application })
  }
  if (gap !== 'none') acts.push({ at: soon() + minute, tenant, what: 'mend', application })
  if (random.happens(0.1)) acts.push({ at: soon(), tenant, what: 'make by hand', email, firstName })
  return acts
}

function drawChanges(random: Random, { slug: tenant }: TenantPlan): readonly ActPlan[] {
  const acts: ActPlan[] = []
  const at = () => random.between(0, 20 * minute)
  if (random.happens(0.15)) acts.push({ at: at(), tenant, what: 'change settings' })
  if (random.happens(0.1)) {
    const off = at()
    acts.push({ at: off, tenant, what: 'switch off' })
    acts.push({ at: off + random.between(second, hour), tenant, what: 'switch on' })
  }
  if (random.happens(0.1)) {
    const revoked = at()
    acts.push({ at: revoked, tenant, what: 'revoke credentials' })
    acts.push({ at: revoked + random.between(second, hour), tenant, what: 'renew credentials' })
  }
  return acts
}

function drawWeather(random: Random): Weather {
  const outage = random.happens(0.1)
  const from = random.between(0, 10 * minute)
  return {
    network: random.pick([0, 0.05, 0.15, 0.3]),
    database: random.pick([0, 0, 0.01, 0.05]),
    notifications: random.pick([0, 0.2, 1]),
    accidents: { most: random.between(0, 4), often: random.pick([0.005, 0.02, 0.05]) },
    calmAfter: random.pick([10 * minute, hour, 3 * hour]),
    outage: outage
      ? {
          system: random.pick(['hibob', 'pinpoint', 'files', 'receiver']),
          from,
          until: from + random.pick([minute, hour, 10 * hour, 80 * hour]),
        }
      : undefined,
  }
}
