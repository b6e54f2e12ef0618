/** What happens in a soak, drawn from a seed: who is hired where and when, how often it is delivered, and which accidents fall on it. */

export interface SoakOptions {
  readonly seed: number
  readonly hires: number
  readonly minutes: number
  /** SIGKILLs of service processes. */
  readonly kills: number
  readonly databaseRestarts: number
  readonly tenants: number
  /** Service processes on the one database. */
  readonly services: number
}

export interface PlannedHire {
  /** Milliseconds from the start. */
  readonly at: number
  readonly tenant: string
  readonly email: string
  readonly firstName: string
  readonly danger: Danger | undefined
  /** HiBob changes the e-mail of the employee of an earlier application before this one is sent. */
  readonly moved: PlannedHire | undefined
  /** How often Pinpoint delivers it, beside what it repeats because it was not acknowledged. */
  readonly copies: number
  readonly service: number
}

export type Accident =
  | { readonly at: number; readonly what: 'kill'; readonly service: number }
  | { readonly at: number; readonly what: 'database killed' | 'database restarted' }

/** Why somebody could be taken for another: only a person can decide whose record it is. */
export type Danger = (typeof dangers)[number]

const dangers = ['address of another', 'has left', 'internal'] as const
const firstNames = ['Ada', 'Grace', 'Alan', 'Katherine', 'Radia']

export interface Plan {
  readonly tenants: readonly string[]
  readonly hires: readonly PlannedHire[]
  readonly accidents: readonly Accident[]
}

export function planSoak(options: SoakOptions): Plan {
  const random = seeded(options.seed)
  const below = (n: number) => Math.floor(random() * n)
  const duration = options.minutes * 60_000
  const tenants = Array.from({ length: options.tenants }, (_, index) => `tenant-${index + 1}`)
  const hires: PlannedHire[] = []
  for (let index = 0; index < options.hires; index++) {
    // One in twenty is somebody who was hired before, for another job of the same tenant.
    const earlier = index > 0 && random() < 0.05 ? hires[below(hires.length)] : undefined
    const before = earlier?.danger === undefined ? earlier : undefined
    hires.push({
      at: below(duration),
      tenant: before?.tenant ?? tenants[below(tenants.length)] ?? 'tenant-1',
      email: before?.email ?? `person-${index}@example.com`,
      firstName: before?.firstName ?? firstNames[index % firstNames.length] ?? 'Ada',
      danger: before === undefined && random() < 0.05 ? dangers[below(dangers.length)] : undefined,
      moved: before !== undefined && random() < 0.5 ? before : undefined,
      copies: random() < 0.2 ? 2 + below(3) : 1,
      service: below(options.services),
    })
  }
  const kills = Array.from({ length: options.kills }, (_, index) => ({
    // Spread evenly, so that the services live long enough in between to get something done.
    at: Math.floor(((index + random()) * duration) / options.kills),
    what: 'kill' as const,
    service: below(options.services),
  }))
  const restarts = Array.from({ length: options.databaseRestarts }, (_, index) => ({
    at: Math.floor(((index + random()) * duration) / options.databaseRestarts),
    what: random() < 0.5 ? ('database killed' as const) : ('database restarted' as const),
  }))
  const inOrder = <T extends { readonly at: number }>(list: readonly T[]) =>
    [...list].sort((a, b) => a.at - b.at)
  return { tenants, hires: inOrder(hires), accidents: inOrder([...kills, ...restarts]) }
}

/** Mulberry32: small, good enough to spread accidents, and the same everywhere. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
