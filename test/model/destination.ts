/**
 * The outside world of the model: things that are made, become visible later, and calls that land later than their caller knows.
 * Time stands still unless the world is told to pass it.
 */
import { RetryLater } from '../../src/base/failure.ts'
import { alreadyExists, type Made } from '../../src/sdk/ensure.ts'

export interface DestinationRules {
  /** Refuses a second one: HiBob's employees by their e-mail. Not so documents and comments. */
  readonly unique: boolean
  /** How long, in seconds, what was made stays invisible at most. */
  readonly lagSeconds: number
  /** False: its client sends however late it is. */
  readonly obeysDeadline: boolean
  /** It never gets better: no call that makes has an answer, each is refused, or it cannot even be looked. Default: it does. */
  readonly endless?: 'no answer' | 'refused' | 'limited'
}

interface Thing {
  readonly madeAt: number
  readonly visibleAt: number
}

/** How a call that makes something goes, and when what it made becomes visible: at once, or as late as it may. */
export interface Way {
  readonly fate: 'answered' | 'answer lost' | 'lands late' | 'lost on the way' | 'refused'
  readonly visibility: 'at once' | 'late'
}

export function waysToMake({ lagSeconds, endless }: DestinationRules, trouble: boolean): readonly Way[] {
  if (endless !== undefined) {
    return [{ fate: endless === 'no answer' ? 'lost on the way' : 'refused', visibility: 'at once' }]
  }
  const made = (['answered', 'answer lost', 'lands late'] as const).flatMap((fate) =>
    (['at once', 'late'] as const).map((visibility) => ({ fate, visibility })),
  )
  const ways: readonly Way[] = [
    ...made,
    { fate: 'lost on the way', visibility: 'at once' },
    { fate: 'refused', visibility: 'at once' },
  ]
  return ways.filter(
    ({ fate, visibility }) =>
      (trouble || fate === 'answered') && (lagSeconds > 0 || visibility === 'at once'),
  )
}

export interface Destination {
  readonly things: readonly Thing[]
  /** How often it was asked to make one. */
  readonly asked: () => number
  find(): Made | undefined
  /** `deadline`: when the caller hangs up; a call that lands late lands then. */
  make(call: Way & { readonly deadline: number }): Made | typeof alreadyExists
  /** Somebody else makes it, visible at once. */
  add(): void
  /** When something changes by itself: a call lands, a thing becomes visible. */
  events(): readonly number[]
  /** Everything that the future depends on. */
  state(): unknown
}

export function createDestination(rules: DestinationRules, now: () => number): Destination {
  const things: Thing[] = []
  let asked = 0
  const underWay: { readonly landsAt: number; readonly lag: number }[] = []

  const settle = () => {
    for (const call of underWay.filter(({ landsAt }) => landsAt <= now())) {
      underWay.splice(underWay.indexOf(call), 1)
      land(call.landsAt, call.lag)
    }
  }
  const land = (at: number, lag: number): boolean => {
    if (rules.unique && things.length > 0) return false
    things.push({ madeAt: at, visibleAt: at + lag })
    return true
  }
  return {
    things,
    asked: () => asked,
    find() {
      settle()
      if (rules.endless === 'limited')
        throw new RetryLater('model.limited', 'too many', { kind: 'rate_limit' })
      const seen = things.findIndex(({ visibleAt }) => visibleAt <= now())
      return seen === -1 ? undefined : { id: String(seen + 1) }
    },
    make({ fate, visibility, deadline }) {
      settle()
      if (rules.obeysDeadline && now() >= deadline) {
        throw new RetryLater('model.too_late', 'not sent', { kind: 'busy' })
      }
      asked += 1
      const lag = visibility === 'late' ? rules.lagSeconds * 1000 : 0
      if (fate === 'refused') throw new RetryLater('model.refused', 'a clear no')
      if (fate === 'lands late') underWay.push({ landsAt: Math.max(now(), deadline), lag })
      const landed = (fate === 'answered' || fate === 'answer lost') && land(now(), lag)
      if (fate !== 'answered') throw new RetryLater('model.unclear', 'no answer', { outcome: 'unclear' })
      return landed ? { id: String(things.length) } : alreadyExists
    },
    add() {
      settle()
      land(now(), 0)
    },
    events: () => [
      ...underWay.map(({ landsAt }) => landsAt),
      ...things.map(({ visibleAt }) => visibleAt).filter((at) => at > now()),
    ],
    state: () => [
      rules.endless && asked,
      things.map(({ visibleAt }) => Math.max(0, visibleAt - now())),
      underWay.map(({ landsAt, lag }) => [landsAt - now(), lag]),
    ],
  }
}
