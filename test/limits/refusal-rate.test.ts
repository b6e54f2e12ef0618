/** However many runs are queued, and whatever refuses them: a firewall that counts refusals never has reason to block. */
import { describe, expect, it } from 'vitest'

import { type Failure, NeedsPerson, PermissionMissing } from '../../src/base/failure.ts'
import { mostRefusals } from '../../src/limits/refusal-rate.ts'
import { createCredentialInterceptor } from '../../src/limits/refused-credentials.ts'
import { createVirtualClock } from '../support/virtual-clock.ts'

interface Answer {
  readonly status: number
  readonly failure?: Failure
}
type Answers = (call: { readonly account: string; readonly bucket: string; readonly at: number }) => Answer

const noRight = new PermissionMissing('bob.permission_missing', 'No.', { fix: 'Grant it.' })

/** Hundreds of runs at once, each coming back when it is told to, until it has had an answer. */
async function manyRuns(
  answers: Answers,
  { runs = 500, accounts = 1, buckets = ['docs'], milliseconds = 200 } = {},
) {
  const clock = createVirtualClock()
  const interceptor = createCredentialInterceptor(clock)
  const refused: { readonly at: number; readonly account: string; readonly status: number }[] = []
  let ended = 0
  let waits = 0
  const run = async (index: number) => {
    const account = `con_${index % accounts}`
    for (const bucket of buckets) {
      for (;;) {
        const passed = await interceptor.enter(account, { bucket, host: 'api.example.com' })
        if (passed instanceof Date) {
          waits++
          await clock.sleep(passed.getTime() - clock.now().getTime() + (index % 10))
          continue
        }
        await clock.sleep(milliseconds + (index % 7))
        const { status, failure } = answers({ account, bucket, at: clock.now().getTime() - start })
        if (status === 401 || status === 403) refused.push({ at: clock.now().getTime(), account, status })
        passed(status, failure)
        break
      }
    }
    ended++
  }
  const start = clock.now().getTime()
  const all = Promise.allSettled(Array.from({ length: runs }, (_, index) => run(index)))
  await clock.runUntil(new Date(start + 3_600_000))
  await all
  return { refused, ended, waits }
}

/** The most of them within any ten seconds. */
function mostInTenSeconds(refused: readonly { readonly at: number }[]): number {
  return Math.max(
    0,
    ...refused.map(({ at }) => refused.filter((one) => one.at > at - 10_000 && one.at <= at).length),
  )
}

describe('Five hundred runs of one credential', () => {
  it.each([
    ['a right on documents that is missing', () => ({ status: 403, failure: noRight })],
    ['a firewall’s page', () => ({ status: 403 })],
    ['a page with 401', () => ({ status: 401 })],
    ['now and then a page', ({ at }: { readonly at: number }) => ({ status: at % 3 === 0 ? 403 : 200 })],
    [
      'a right that is withdrawn while all of them are under way',
      ({ at }: { readonly at: number }) => (at < 2000 ? { status: 200 } : { status: 403, failure: noRight }),
    ],
  ] as const)('%s: at most twenty refusals in ten seconds, and every run ends', async (_, answers) => {
    const { refused, ended } = await manyRuns(answers)
    expect(refused.length).toBeGreaterThan(mostRefusals)
    expect(mostInTenSeconds(refused)).toBeLessThanOrEqual(mostRefusals)
    expect(ended).toBe(500)
  })

  it('good answers of another endpoint in between change nothing', async () => {
    const answers: Answers = ({ bucket }) =>
      bucket === 'docs' ? { status: 403, failure: noRight } : { status: 200 }
    const { refused, ended } = await manyRuns(answers, { buckets: ['search', 'create', 'docs'] })
    expect(mostInTenSeconds(refused)).toBeLessThanOrEqual(mostRefusals)
    expect(ended).toBe(500)
  })

  it('wrong credentials are tried twice, whatever is queued', async () => {
    const wrong = new NeedsPerson('bob.credentials_refused', 'No.', {
      fix: 'Replace.',
      pausesConnection: true,
    })
    const { refused } = await manyRuns(() => ({ status: 401, failure: wrong }))
    expect(refused).toHaveLength(2)
  })

  it('without refusals nobody is told to come back', async () => {
    const { waits, ended } = await manyRuns(() => ({ status: 200 }))
    expect({ waits, ended }).toEqual({ waits: 0, ended: 500 })
  })
})

it('wrong credentials of a hundred tenants: at most twenty 401 in ten seconds from one address', async () => {
  const wrong = new NeedsPerson('bob.credentials_refused', 'No.', { fix: 'Replace.', pausesConnection: true })
  const { refused } = await manyRuns(() => ({ status: 401, failure: wrong }), { runs: 400, accounts: 100 })
  expect(new Set(refused.map(({ account }) => account)).size).toBe(100)
  expect(mostInTenSeconds(refused)).toBeLessThanOrEqual(mostRefusals)
})

it('a tenant with good credentials goes on beside those with wrong ones', async () => {
  const answers: Answers = ({ account }) => ({ status: account === 'con_0' ? 200 : 401 })
  const { ended, refused } = await manyRuns(answers, { runs: 100, accounts: 4 })
  expect(ended).toBe(100)
  expect(mostInTenSeconds(refused)).toBeLessThanOrEqual(mostRefusals)
})
