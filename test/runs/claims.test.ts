import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { openSpine, type Spine } from '../support/spine.ts'

let spine: Spine
beforeEach(async () => {
  spine = await openSpine()
})
afterEach(() => spine.close())

it('a secret that cannot be opened fails the claim of its own run, and of none that is claimed along with it', async () => {
  await spine.pool.query(`update connections set sealed_secrets = 'x' where id = $1`, [
    spine.connections.webhook,
  ])
  for (const application of ['1', '2', '3']) await spine.hire(application)
  const jobs = await spine.queue.fetch(10)
  const claims = await Promise.allSettled(jobs.map((job) => spine.runs.claim(job, 'w')))
  const how = claims.map(({ status }, index) => [jobs[index]?.connection, status].join(' '))
  expect(new Set(how)).toEqual(
    new Set([`${spine.connections.hibob} fulfilled`, `${spine.connections.webhook} rejected`]),
  )
})

it('jobs are asked for in one text whatever their number, so that its plan is kept', async () => {
  for (const application of ['1', '2']) await spine.hire(application)
  const asked = vi.spyOn(spine.pool, 'query')
  const fetched = []
  for (const count of [1, 2, 57]) fetched.push((await spine.queue.fetch(count)).length)
  expect(fetched).toEqual([1, 2, 1])
  const said = asked.mock.calls.map(([statement]) => (statement as unknown as { text: string }).text)
  // What was hired before may still be announced meanwhile.
  const texts = said.filter((text) => text.includes('SKIP LOCKED'))
  expect(texts).toHaveLength(3)
  expect(new Set(texts).size).toBe(1)
})
