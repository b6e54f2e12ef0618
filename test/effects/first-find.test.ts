/** What is known without a call stands for the first look only: once a call was announced, the destination is asked. */
import { describe, expect, it } from 'vitest'

import { RetryLater } from '../../src/base/failure.ts'
import type { ConnectionId, RunId } from '../../src/base/ids.ts'
import { ensureEffect } from '../../src/effects/ensure.ts'
import type { Effect, Existing } from '../../src/sdk/ensure.ts'
import { createMemoryLedger } from '../support/memory/ledger.ts'

const now = new Date('2026-11-24T12:00:00Z')
const clock = { now: () => now, sleep: () => Promise.reject(new Error('nobody sleeps')) }
const lease = { run: 'run_1' as RunId, token: '1' }
const name = { connection: 'con_1' as ConnectionId, kind: 'document', key: 'cv:1', title: 'CV' }
const nothing = { found: undefined }
const lost = new RetryLater('x.lost', 'No answer.', { outcome: 'unclear' })
const refused = new RetryLater('x.refused', 'A clear no.')

function opened() {
  const ledger = createMemoryLedger(clock, { state: () => 'running', holds: () => true })
  const asked: string[] = []
  const written: string[] = []
  const ensure = (make: Effect['make'], more: Partial<Effect> = {}) => {
    const find: Effect['find'] = async () => void asked.push('find')
    const effect = { ...name, readLagSeconds: 0, find, firstFind: nothing, make, ...more }
    const lineOf = ({ id, how }: Existing) => {
      written.push(`${id} ${how}`)
      return { title: 'CV', outcome: how, output: '', remoteId: id, attempt: 1, startedAt: now }
    }
    return ensureEffect({ ledger, clock, lease, callSeconds: 0, lineOf }, name, effect)
  }
  return { asked, written, ensure }
}

describe('what the first look would find is taken', () => {
  it('as nothing, and the thing is made without asking', async () => {
    const { ensure, asked } = opened()
    expect(await ensure(async () => ({ id: '1' }))).toEqual({ id: '1', how: 'created', madeNow: true })
    expect(asked).toEqual([])
  })

  it('as the thing itself, and none is made', async () => {
    const { ensure } = opened()
    const never = () => Promise.reject(new Error('nothing is made here'))
    expect(await ensure(never, { firstFind: { found: { id: '7' } } })).toEqual({ id: '7', how: 'found' })
  })
})

describe('the destination is asked', () => {
  it.each([
    ['at once after an unclear answer, and again before the next call', lost, 2],
    ['before the next call after a clear no', refused, 1],
  ])('%s', async (_what, failure, finds) => {
    const { ensure, asked } = opened()
    await expect(ensure(() => Promise.reject(failure))).rejects.toThrow()
    await ensure(async () => ({ id: '1' }))
    expect(asked).toHaveLength(finds)
  })

  it('where the attempt knows nothing', async () => {
    const { ensure, asked } = opened()
    await ensure(async () => ({ id: '1' }), { firstFind: undefined })
    expect(asked).toHaveLength(1)
  })
})

it('that something was made in this attempt is told to this attempt only, and written nowhere', async () => {
  const { ensure, written } = opened()
  expect(await ensure(async () => ({ id: '1' }))).toMatchObject({ how: 'created', madeNow: true })
  expect(await ensure(() => Promise.reject(lost))).toEqual({ id: '1', how: 'created' })
  expect(written).toEqual(['1 created'])
})

it('what was found after a lost answer was not made now, for all that the ledger knows', async () => {
  const { ensure } = opened()
  const adopted = await ensure(() => Promise.reject(lost), { find: async () => ({ id: '1' }) })
  expect(adopted).toEqual({ id: '1', how: 'adopted' })
})
