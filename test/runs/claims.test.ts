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

it('jobs are asked for by a statement that is not prepared: pg-boss makes another one for each count', async () => {
  for (const application of ['1', '2']) await spine.hire(application)
  const asked = vi.spyOn(spine.pool, 'query')
  const fetched = []
  for (const count of [1, 1, 1, 1, 57]) fetched.push((await spine.queue.fetch(count)).length)
  expect(fetched).toEqual([1, 1, 1, 1, 0])
  const statements = asked.mock.calls.map(
    ([statement]) => statement as unknown as { text: string; name?: string },
  )
  // What was hired before may still be announced meanwhile.
  const fetches = statements.filter(({ text }) => text.includes('SKIP LOCKED'))
  expect(fetches.map(({ name }) => name)).toEqual(Array.from({ length: 5 }))
})
