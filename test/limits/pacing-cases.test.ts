// The arithmetic of limits, case by case.
import { describe, expect, it } from 'vitest'

import { type Budget, type RateLimitHeaders, unknownBudget } from '../../src/base/rate-limit.ts'
import { type CallRequest, exhaustedUntil, take, withDocumented } from '../../src/limits/pacing.ts'
import { learn } from '../../src/limits/pacing-learn.ts'

const start = Date.parse('2026-03-02T08:00:00Z')
const at = (seconds: number) => start + seconds * 1000
const fresh: CallRequest = { calls: 1, reserved: false }
const answered = (told: RateLimitHeaders, sentAt = 0) => ({
  ...told,
  sentAt: at(sentAt),
  beside: 0,
  uncounted: 0,
  declared: [],
  callsWithin: () => 0,
})
const window = (remaining: number, resetsInSeconds: number) => ({
  window: { allowed: 50, remaining, resetsInSeconds },
})
const many = (count: number, one = fresh) => Array.from({ length: count }, () => one)
const used = ({ windows }: Budget) => windows.map((one) => one.used)

describe('what answers teach', () => {
  it('an answer that arrives late does not undo what a later one has told', () => {
    const later = learn(unknownBudget, at(1), answered(window(10, 59)))
    expect(learn(later, at(2), answered(window(40, 58)))).toBe(later)
    expect(used(learn(later, at(2), answered(window(9, 58))))).toEqual([41])
  })

  it('an answer of the window before, which was on its way while the next one opened, changes nothing', () => {
    const known = learn(unknownBudget, at(0), answered(window(49, 60)))
    const { budget } = take(known, at(62), [fresh])
    expect(used(budget)).toEqual([1])
    expect(learn(budget, at(63), answered(window(0, 1), 59))).toBe(budget)
  })

  it('a window that ends later than the one that is known is a new one', () => {
    const known = learn(unknownBudget, at(0), answered(window(0, 60)))
    expect(used(learn(known, at(61), answered(window(48, 60), 61)))).toEqual([2])
  })

  it('calls of somebody else with the same account count', () => {
    const known = learn(unknownBudget, at(0), answered(window(49, 60)))
    const elsewhere = learn(known, at(10), answered(window(20, 50), 10))
    expect(take(elsewhere, at(11), many(30)).granted).toBe(20)
  })

  it('a reset that has passed already says nothing', () => {
    expect(learn(unknownBudget, at(0), answered(window(0, 0)))).toBe(unknownBudget)
  })

  it('a 429 speaks for a documented window only when it lasts for a part of it and we have called that much', () => {
    const declared = [
      { calls: 120, seconds: 60 },
      { calls: 240, seconds: 480 },
    ]
    const after = (retryInSeconds: number, made: number) => {
      const answer = { ...answered({ retryInSeconds }), declared, callsWithin: () => made }
      return learn(unknownBudget, at(0), answer).windows.map(({ seconds, used: calls }) => [seconds, calls])
    }
    expect(after(40, 120)).toEqual([[60, 120]])
    expect(after(400, 240)).toEqual([[480, 240]])
    expect(after(1, 120)).toEqual([])
    expect(after(40, 5)).toEqual([])
    expect(after(3600, 500)).toEqual([])
  })

  it('of a limit that tenants share: the first 429 rests nobody, a second tenant’s all, and then anybody’s', () => {
    const said = (tenant: string, retryInSeconds = 60) => ({ ...answered({ retryInSeconds }), tenant })
    const once = learn(unknownBudget, at(0), said('acme'))
    const again = learn(once, at(1), said('acme', 10))
    expect([once, again].map((budget) => exhaustedUntil(budget, at(2)))).toEqual([undefined, undefined])
    expect(again.unconfirmed).toEqual({ tenant: 'acme', until: at(60) })
    const twice = learn(again, at(2), said('beta', 30))
    expect(exhaustedUntil(twice, at(3))).toBe(at(32))
    expect(exhaustedUntil(learn(twice, at(3), said('acme', 40)), at(4))).toBe(at(43))
    const later = learn(again, at(61), said('beta', 30))
    expect(exhaustedUntil(later, at(62))).toBeUndefined()
    expect(later.unconfirmed).toEqual({ tenant: 'beta', until: at(91) })
  })

  it('a 429 with another allowance than the one of which much is left pauses, and leaves that as it is', () => {
    const others = { window: { allowed: 1000, remaining: 900, resetsInSeconds: 60 } }
    const known = learn(unknownBudget, at(0), answered(others))
    const refused = answered({ ...window(0, 5), retryInSeconds: 5 }, 1)
    const paused = learn(known, at(1), refused)
    expect(paused.windows).toEqual(known.windows)
    expect(take(paused, at(2), [fresh]).granted).toBe(0)
    expect(take(paused, at(6), many(500)).granted).toBe(500)
    // Nothing known that it could contradict: then it is believed.
    expect(take(learn(unknownBudget, at(1), refused), at(5), [fresh]).granted).toBe(0)
    expect(used(learn(learn(unknownBudget, at(0), answered(window(40, 60))), at(1), refused))).toEqual([50])
  })

  it('a 429 without any window pauses, and no pause shortens another', () => {
    const long = learn(unknownBudget, at(0), answered({ retryInSeconds: 60 }))
    const both = learn(long, at(1), answered({ retryInSeconds: 5 }, 1))
    expect(exhaustedUntil(both, at(2))).toBe(at(60))
    expect(exhaustedUntil(both, at(60))).toBeUndefined()
  })
})

describe('who may call', () => {
  const full = learn(unknownBudget, at(0), answered(window(0, 60)))

  it('nobody around the end of a window: no one can tell which one the call would count in', () => {
    const open = learn(unknownBudget, at(0), answered(window(40, 60)))
    expect(take(open, at(59.9), [fresh]).granted).toBe(1)
    expect(take(open, at(60.5), [fresh]).granted).toBe(0)
    expect(take(open, at(61), [fresh]).granted).toBe(1)
  })

  it('those who wait are spread over the windows in which they will fit, the first as soon as there is room', () => {
    const { waits } = take(full, at(10), many(120))
    const byWindow = new Map<number, number>()
    for (const wait of waits)
      byWindow.set((wait - start) / 1000, (byWindow.get((wait - start) / 1000) ?? 0) + 1)
    // Of fifty, one is left to whoever misses its window; an end is announced in whole seconds, so one more may pass before the next.
    expect([...byWindow]).toEqual([
      [61, 49],
      [123, 49],
      [185, 22],
    ])
  })

  it('who was reserved a window goes before who comes for the first time', () => {
    const { budget } = take(full, at(10), many(50))
    expect(take(budget, at(61), many(1)).granted).toBe(0)
    expect(take(budget, at(61), many(50, { calls: 1, reserved: true })).granted).toBe(50)
  })

  it('what was reserved to runs that never came is free again with the next window', () => {
    const { budget } = take(full, at(10), many(49))
    expect(take(budget, at(123), many(50)).granted).toBe(50)
  })

  it('several calls are all granted or none, and more than a window holds is a whole window', () => {
    const open = learn(unknownBudget, at(0), answered(window(3, 60)))
    expect(take(open, at(1), [{ calls: 4, reserved: false }]).granted).toBe(0)
    expect(take(open, at(61), [{ calls: 80, reserved: false }]).granted).toBe(1)
  })

  it('a large limit is handed to a process in slices', () => {
    const large = { window: { allowed: 10_000, remaining: 9_999, resetsInSeconds: 60 } }
    const open = learn(unknownBudget, at(0), answered(large))
    expect(take(open, at(1), [fresh])).toMatchObject({ granted: 1, prefetched: 99, validUntil: at(60) })
  })
})

it('a question gets no permit of the last fifth of a window, and takes nobody’s place in the queue', () => {
  const window = { source: 'headers', allowed: 10, seconds: 60, startedAt: 0, endsAt: 60_000 } as const
  const budget = (used: number) => ({ windows: [{ ...window, used }], pausedUntil: 0, queue: null })
  const question = { calls: 1, reserved: false, leaves: 0.2, waits: false }
  expect(take(budget(7), 1000, [question]).granted).toBe(1)
  const refused = take(budget(8), 1000, [question])
  expect(refused).toMatchObject({ granted: 0, waits: [61_000], budget: { queue: null } })
  expect(take(budget(8), 1000, [{ calls: 1, reserved: false }]).granted).toBe(1)
})

describe('documented limits that hold from the first call on', () => {
  const documented = [
    { calls: 120, seconds: 60 },
    { calls: 240, seconds: 480 },
  ]
  const known = withDocumented(unknownBudget, documented)

  it('open their windows with the first call, and hold all at once', () => {
    const { granted, budget, waits } = take(known, at(0), many(121))
    expect({ granted, waits }).toEqual({ granted: 120, waits: [at(61)] })
    const second = take(budget, at(61), many(121))
    expect({ granted: second.granted, waits: second.waits }).toEqual({
      granted: 119,
      waits: [at(481), at(481)],
    })
  })

  it('are replaced by what was agreed, and keep what was used', () => {
    const { budget } = take(known, at(0), many(100))
    const agreed = withDocumented(budget, [{ calls: 600, seconds: 60 }])
    expect(agreed.windows.map(({ allowed, seconds, used: calls }) => [allowed, seconds, calls])).toEqual([
      [600, 60, 100],
    ])
    expect(withDocumented(agreed, [{ calls: 600, seconds: 60 }])).toBe(agreed)
  })

  it('are not shortened by a 429 that does not speak for them', () => {
    const { budget } = take(known, at(0), many(100))
    const told = { ...answered({ retryInSeconds: 3 }), declared: documented, callsWithin: () => 100 }
    const paused = learn(budget, at(1), told)
    expect(exhaustedUntil(paused, at(2))).toBe(at(4))
    expect(used(paused)).toEqual([100, 100])
  })
})

describe('a run that waits for several limits', () => {
  it('asks each for a place, which takes none of the calls of now', () => {
    const open = learn(unknownBudget, at(0), answered(window(40, 60)))
    const { granted, waits, budget } = take(open, at(1), [{ ...fresh, later: true }])
    expect({ granted, waits, used: used(budget) }).toEqual({ granted: 0, waits: [at(1)], used: [10] })
    expect(take(budget, at(2), many(41)).granted).toBe(39)
  })
})
