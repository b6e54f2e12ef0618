// Limits as a law: over random windows, headers, clocks, latencies, processes and arrivals, on a virtual clock.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { DeclaredWindow } from '../../src/base/rate-limit.ts'
import { createVirtualClock } from '../support/virtual-clock.ts'
import { callingProcess, countingServer, memoryStore, type ServerOptions } from './simulated.ts'

interface World extends ServerOptions {
  readonly processes: readonly { readonly skew: number }[]
  readonly slowest: number
  readonly seed: number
}

const skew = fc.integer({ min: -600_000, max: 600_000 })
const common = {
  processes: fc.array(fc.record({ skew }), { minLength: 1, maxLength: 4 }),
  /** Milliseconds that a call or a statement takes at most, each way. */
  slowest: fc.integer({ min: 1, max: 150 }),
  skew,
  seed: fc.integer(),
}
const toldInHeaders: fc.Arbitrary<World> = fc.record({
  ...common,
  windows: fc
    .record({ calls: fc.integer({ min: 20, max: 150 }), seconds: fc.constantFrom(30, 60) })
    .map((window) => [window]),
  aligned: fc.boolean(),
  shape: fc.constantFrom('epoch' as const, 'seconds' as const),
  // The first answers do tell, or nothing is known of the calls that were made before any answer came.
  silentEvery: fc.integer({ min: 9, max: 1000 }),
})
/** As Pinpoint: two windows, documented, told by nothing but a 429. */
const documented: fc.Arbitrary<World> = fc.record({
  ...common,
  windows: fc.constantFrom(
    [
      { calls: 120, seconds: 60 },
      { calls: 240, seconds: 480 },
    ],
    [{ calls: 40, seconds: 60 }],
  ),
  aligned: fc.constant(false),
  shape: fc.constant('only-429' as const),
  silentEvery: fc.constant(1),
})

/** As many calls as are wanted, from all processes, for so many minutes; what the destination counted. */
async function simulate(
  world: World,
  { arrivals, minutes }: { arrivals: readonly number[]; minutes: number },
) {
  const clock = createVirtualClock()
  const random = numbers(world.seed)
  const latency = () => 1 + random() * world.slowest
  const database = memoryStore(clock, () => latency() / 10)
  const server = countingServer(clock, world)
  const declared: readonly DeclaredWindow[] = world.shape === 'only-429' ? world.windows : []
  const processes = world.processes.map((one) =>
    callingProcess({
      ...one,
      virtual: clock,
      store: database.store,
      stored: database.stored,
      latency,
      declared,
      server,
    }),
  )
  const start = clock.now().getTime()
  let done = 0
  for (const [index, after] of arrivals.entries()) {
    const process = processes[index % processes.length]!
    void clock
      .sleep(after)
      .then(() => process.run())
      .then(() => done++)
  }
  await clock.runUntil(new Date(start + minutes * 60_000))
  const calls = server.calls.map(({ at, status }) => ({ seconds: (at - start) / 1000, status }))
  return { calls, done, roundTrips: database.roundTrips() }
}

describe('calls under a limit', () => {
  it('never run into a 429 once it is told in headers, and use at least nine tenths of what it allows', async () => {
    await fc.assert(
      fc.asyncProperty(toldInHeaders, fc.integer({ min: 1, max: 8 }), async (world, atOnce) => {
        const [{ calls: allowed, seconds }] = world.windows as [DeclaredWindow]
        const minutes = 8
        // More than the limit lets through, all waiting from early on; few at first, so that it is known by then.
        const wanted = Math.ceil((allowed * minutes * 60) / seconds) * 2
        const arrivals = Array.from({ length: wanted }, (_, index) => (index < atOnce ? 0 : 2000 + index))
        const { calls } = await simulate(world, { arrivals, minutes })
        const refused = calls.filter(({ status }) => status === 429)
        expect(refused).toEqual([])
        const settled = calls.filter((call) => call.seconds >= 2 * seconds)
        expect(settled.length).toBeGreaterThanOrEqual(
          (0.9 * allowed * (minutes * 60 - 2 * seconds)) / seconds,
        )
      }),
      { numRuns: 40 },
    )
  }, 120_000)

  it('whatever the pattern in which they come', async () => {
    const pattern = fc.array(fc.integer({ min: 2000, max: 240_000 }), {
      minLength: 1,
      maxLength: 300,
      size: 'max',
    })
    await fc.assert(
      fc.asyncProperty(toldInHeaders, pattern, async (world, later) => {
        const { calls, done } = await simulate(world, { arrivals: [0, ...later], minutes: 60 })
        expect(calls.filter(({ status }) => status === 429)).toEqual([])
        expect(done).toBe(later.length + 1)
      }),
      { numRuns: 60 },
    )
  }, 120_000)

  it('run into documented limits that no header tells only until the first 429 has shown each of them', async () => {
    await fc.assert(
      fc.asyncProperty(documented, async (world) => {
        const longest = world.windows.at(-1)!
        const minutes = (longest.seconds / 60) * 6
        const wanted = Math.ceil((longest.calls * minutes * 60) / longest.seconds) * 2
        const arrivals = Array.from({ length: wanted }, (_, index) => index * 20)
        const { calls } = await simulate(world, { arrivals, minutes })
        const known = 2 * longest.seconds
        expect(calls.filter(({ status, seconds }) => status === 429 && seconds > known)).toEqual([])
        const after = calls.filter(({ seconds, status }) => seconds > known && status === 200)
        expect(after.length).toBeGreaterThanOrEqual(
          (0.9 * longest.calls * (minutes * 60 - known)) / longest.seconds,
        )
      }),
      { numRuns: 25 },
    )
  }, 120_000)

  it('cost one round trip each at most where the limit is small, and next to none where it is large', async () => {
    const world = {
      aligned: false,
      shape: 'epoch',
      silentEvery: 1000,
      skew: 0,
      slowest: 20,
      seed: 1,
    } as const
    const processes = [{ skew: 0 }, { skew: 5000 }]
    const arrivals = Array.from({ length: 2000 }, (_, index) => index * 20)
    const small = await simulate(
      { ...world, processes, windows: [{ calls: 50, seconds: 60 }] },
      { arrivals: arrivals.slice(0, 200), minutes: 10 },
    )
    expect(small.calls).toHaveLength(200)
    const large = await simulate(
      { ...world, processes, windows: [{ calls: 100_000, seconds: 60 }] },
      { arrivals, minutes: 2 },
    )
    expect(large.calls).toHaveLength(2000)
    // A wait is a round trip, too: at most one for each call that is made and for each that must wait.
    expect(small.roundTrips).toBeLessThanOrEqual(400)
    expect(large.roundTrips).toBeLessThan(20)
  })

  it('are not made on permits that were taken in advance, once a 429 has said to wait', async () => {
    let calls = 0
    const server = {
      call() {
        calls++
        const window = { allowed: 100_000, remaining: 100_000 - calls, resetsInSeconds: 60 }
        return calls === 50 ? { window, retryInSeconds: 30 } : { window }
      },
    }
    const { runFor } = callsOf(server, 200)
    await runFor(20_000)
    expect(calls).toBe(50)
  })

  it('cost next to nothing also where the destination began to count anew before its time', async () => {
    let calls = 0
    const server = {
      call() {
        calls++
        const began = calls <= 100 ? 0 : 100
        const resetsInSeconds = calls <= 100 ? 60 : 120
        return { window: { allowed: 100_000, remaining: 100_000 - (calls - began), resetsInSeconds } }
      },
    }
    const { runFor, roundTrips } = callsOf(server, 300)
    await runFor(10_000)
    expect(calls).toBe(300)
    expect(roundTrips()).toBeLessThan(20)
  })
})

/** One process with the right time that learns the limit of this server, a call every ten milliseconds. */
function callsOf(server: Parameters<typeof callingProcess>[0]['server'], count: number) {
  const clock = createVirtualClock()
  const database = memoryStore(clock, () => 1)
  const caller = callingProcess({
    skew: 0,
    virtual: clock,
    store: database.store,
    stored: database.stored,
    latency: () => 1,
    declared: [],
    server,
  })
  const start = clock.now().getTime()
  for (let index = 0; index < count; index++) void clock.sleep(index * 10).then(() => caller.run())
  return {
    runFor: (milliseconds: number) => clock.runUntil(new Date(start + milliseconds)),
    roundTrips: database.roundTrips,
  }
}

/** Mulberry32: reproducible from the seed that fast-check reports. */
function numbers(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
