// When a circuit opens and closes, call by call.
import { expect, it } from 'vitest'

import { NeedsPerson, RetryLater } from '../../src/base/failure.ts'
import type { ConnectionId, RunId, TenantId } from '../../src/base/ids.ts'
import { CircuitOpen, createCircuits, opensAfter, repeatsUntil } from '../../src/limits/circuit.ts'
import type { CircuitStore } from '../../src/limits/ports.ts'
import type { ClaimedRun } from '../../src/runs/run.ts'
import { rememberingLog } from './two-tenants.ts'

const run = (circuit?: ClaimedRun['circuit'], number = 1) =>
  ({
    lease: { run: `run_${number}` as RunId, token: 't' },
    tenant: { id: 'ten_1' as TenantId, slug: 'acme' },
    integration: 'hibob',
    connection: { id: 'con_1' as ConnectionId },
    circuit,
  }) as ClaimedRun

function openWorld(turn: Awaited<ReturnType<CircuitStore['takeProbe']>> = 'probe') {
  const did: string[] = []
  const raised: string[] = []
  const store: CircuitStore = {
    async open(_connection, { destination }) {
      did.push(`open ${destination}`)
      return did.filter((one) => one.startsWith('open')).length === 1
    },
    takeProbe: async () => turn,
    async close() {
      did.push('close')
      return 0
    },
  }
  const alerts = { raise: (kind: string) => raised.push(kind) }
  return { did, raised, circuits: createCircuits({ store, log: rememberingLog(), alerts }) }
}

const down = new RetryLater('hibob.unavailable', 'hibob answered 503.', { kind: 'outage' })
const bad = { destination: 'hibob', effect: false, status: 503, failure: down }
const good = { destination: 'hibob', effect: false, status: 200, failure: undefined }
/** Another run each time. */
const another = () => run(undefined, ++runs)
let runs = 0
const times = (count: number) => Array.from({ length: count })

it('opens after five calls in a row without a good answer, and is told once', async () => {
  const { circuits, did, raised } = openWorld()
  for (const _ of times(opensAfter - 1)) await circuits.answered(another(), bad)
  expect(did).toEqual([])
  for (const _ of times(10)) await circuits.answered(another(), bad)
  expect({ did, raised }).toEqual({ did: ['open hibob'], raised: ['circuit_opened'] })
})

it('does not open on a destination that answers well in between, be it with a refusal', async () => {
  const { circuits, did } = openWorld()
  const refusal = new NeedsPerson('hibob.request_refused', 'Refused.', { fix: 'Correct it.' })
  for (const answer of [
    good,
    { ...bad, status: 422, failure: refusal },
    { ...bad, status: 429, failure: undefined },
  ]) {
    for (const _ of times(opensAfter - 1)) await circuits.answered(another(), bad)
    await circuits.answered(run(), answer)
  }
  expect(did).toEqual([])
})

it('counts each destination for itself: Pinpoint answering well says nothing of HiBob', async () => {
  const { circuits, did } = openWorld()
  for (const _ of times(opensAfter)) {
    await circuits.answered(another(), bad)
    await circuits.answered(run(), { ...good, destination: 'pinpoint' })
  }
  expect(did).toEqual(['open hibob'])
})

it('a call that was not sent says nothing', async () => {
  const { circuits, did } = openWorld()
  const late = new RetryLater('hibob.too_late', 'Not sent.', { kind: 'busy' })
  for (const _ of times(opensAfter)) {
    await circuits.answered(another(), bad)
    await circuits.answered(run(), { ...bad, status: 0, failure: late })
  }
  expect(did).toEqual(['open hibob'])
})

const open = {
  destination: 'hibob',
  ofEffects: false,
  code: 'hibob.unavailable',
  reason: 'hibob answered 503.',
}

it('lets one through while it is open, and tells the others why and until when they wait', async () => {
  const comeBackAt = new Date('2026-03-02T08:00:20Z')
  await expect(openWorld({ comeBackAt }).circuits.admit(run(open))).rejects.toMatchObject({
    name: 'RetryLater',
    code: 'runs.circuit_open',
    after: comeBackAt,
    free: true,
  })
  await expect(openWorld({ comeBackAt }).circuits.admit(run(open))).rejects.toBeInstanceOf(CircuitOpen)
  await openWorld('probe').circuits.admit(run(open))
  await openWorld('closed').circuits.admit(run(open))
  await openWorld({ comeBackAt }).circuits.admit(run())
})

it('is closed by a good answer of that destination only', async () => {
  const { circuits, did, raised } = openWorld('probe')
  await circuits.admit(run(open))
  await circuits.answered(run(open), { ...good, destination: 'pinpoint' })
  await circuits.answered(run(open), bad)
  expect(did).toEqual([])
  await circuits.answered(run(open), good)
  await circuits.answered(run(open), good)
  expect({ did, raised }).toEqual({ did: ['close'], raised: ['circuit_closed'] })
})

it('does not open for one poisoned run, however often it fails, nor for two (W2)', async () => {
  const { circuits, did } = openWorld()
  for (const _ of times(20)) await circuits.answered(run(undefined, 1), bad)
  for (const _ of times(20)) await circuits.answered(run(undefined, 2), bad)
  expect(did).toEqual([])
  await circuits.answered(run(undefined, 3), bad)
  expect(did).toEqual(['open hibob'])
})

const create = { ...bad, effect: true }

it('sees creates that fail while searches are answered well in between (W2)', async () => {
  const { circuits, did } = openWorld()
  for (const _ of times(opensAfter)) {
    await circuits.answered(another(), good)
    await circuits.answered(another(), create)
  }
  expect(did).toEqual(['open hibob'])
})

it('sees creates whose answer leaves open whether something was made', async () => {
  const { circuits, did } = openWorld()
  const page = new RetryLater('hibob.answer_unreadable', 'Not JSON.', { outcome: 'unclear' })
  for (const _ of times(opensAfter)) {
    await circuits.answered(another(), { ...create, status: 200, failure: page })
  }
  expect(did).toEqual(['open hibob'])
})

it('that is open because nothing can be made is not closed by a search, but by what was made', async () => {
  const { circuits, did } = openWorld('probe')
  const ofEffects = { ...open, ofEffects: true }
  await circuits.admit(run(ofEffects))
  await circuits.answered(run(ofEffects), good)
  expect(did).toEqual([])
  await circuits.answered(run(ofEffects), { ...good, effect: true })
  expect(did).toEqual(['close'])
})

it('a read is not repeated where the two before failed for good: an outage costs hardly more calls than before', async () => {
  const { circuits } = openWorld()
  for (const _ of times(repeatsUntil)) {
    expect(circuits.mayRepeat(run(), 'hibob')).toBe(true)
    await circuits.answered(another(), bad)
  }
  expect(circuits.mayRepeat(another(), 'hibob')).toBe(false)
  expect(circuits.mayRepeat(another(), 'pinpoint')).toBe(true)
  await circuits.answered(another(), good)
  expect(circuits.mayRepeat(another(), 'hibob')).toBe(true)
  await circuits.answered(another(), { ...bad, effect: true })
  expect(circuits.mayRepeat(another(), 'hibob')).toBe(true)
  const { code, reason } = down
  await circuits.admit(run({ destination: 'hibob', code, reason, ofEffects: true }))
  expect(circuits.mayRepeat(run(), 'hibob')).toBe(false)
})

it('answers of failures that come first, of many calls at once, are not the destination’s end', async () => {
  const { circuits, did } = openWorld()
  for (const _ of times(64)) circuits.sent(run(), bad)
  for (const _ of times(16)) await circuits.answered(another(), bad)
  await circuits.answered(another(), good)
  expect(did).toEqual([])
  for (const _ of times(16)) await circuits.answered(another(), bad)
  expect(did).toEqual(['open hibob'])
})
