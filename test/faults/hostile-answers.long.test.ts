// H3: whatever a tenant's Pinpoint answers, the process lives, in a small heap, and goes on answering.
import type { ServerResponse } from 'node:http'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { addTenant, hireOf } from '../limits/two-tenants.ts'
import { openOwnHost, type OwnHost, type OwnHostOptions } from '../support/own-host.ts'
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
let service: ServiceProcess
let host: OwnHost
beforeEach(async () => {
  world = await openWorld({ service: false, hibob: { readLagSeconds: 0 } })
})
afterEach(async () => {
  await service.stop()
  await world.close()
  await host.close()
})

async function open(answers: OwnHostOptions['answers']): Promise<void> {
  host = await openOwnHost(world.sandbox, { slug: 'evil', ...(answers && { answers }) })
  await addTenant(world, 'evil', host.apiUrl)
  service = await startServiceProcess({ ...world.env, NODE_OPTIONS: '--max-old-space-size=256' })
}

const runs = () => world.store.runs.listRuns({ limit: 50, tenant: 'evil' })

async function parkedRun(seconds: number) {
  const [run] = await until(
    'the run to park',
    async () => {
      const all = await runs()
      return all.length > 0 && all.every(({ state }) => state === 'parked') && all
    },
    seconds,
  )
  return run
}

function data(response: ServerResponse, body: object): true {
  response.writeHead(200, { 'content-type': 'application/vnd.api+json' }).end(JSON.stringify(body))
  return true
}

it.each([
  ['of 15 KB', 15_000, 5000, 'pinpoint.too_many_comments'],
  ['of 100 KB, which come in smaller pages', 100_000, 600, undefined],
])(
  'comments %s on fifty full pages of a hundred are looked through in a heap of 256 MB',
  async (...given) => {
    const [, bytes, total, code] = given
    let largest = 0
    await open(({ method, url = '' }, response) => {
      const { pathname, searchParams } = new URL(url, 'http://pinpoint')
      if (method !== 'GET' || !pathname.endsWith('/comments')) return false
      const [page, size] = [Number(searchParams.get('page[number]')), Number(searchParams.get('page[size]'))]
      const count = Math.max(0, Math.min(size, total - (page - 1) * size))
      const of = (index: number) => ({
        id: String((page - 1) * size + index),
        type: 'comments',
        attributes: { body_text: String(index).padEnd(bytes, 'x') },
      })
      largest = Math.max(largest, page)
      return data(response, { data: Array.from({ length: count }, (_, index) => of(index)) })
    })
    // Comments that came along with the application would be believed instead.
    world.sandbox.pinpoint.addTenant({ subdomain: 'evil', commentsAlong: 'left_out' })
    await hireOf(world, 'evil', { email: 'eve@example.com', url: service.url })
    if (code === undefined) {
      await until('the run', async () => (await runs())[0]?.state === 'done', 120)
    } else expect(await parkedRun(120)).toMatchObject({ code })
    expect(largest).toBeGreaterThanOrEqual(50)
    expect(await fetch(`${service.url}/healthz`)).toMatchObject({ status: 200 })
  },
  240_000,
)

const MiB = 1024 * 1024
const nothings = (bytes: number) => `[${'{},'.repeat(Math.floor(bytes / 3) - 1)}{}]`

it.each([
  ['ten mebibytes of nothing', nothings(10 * MiB)],
  [
    'an application with half a million others included',
    `{"data":{"id":"1"},"included":${nothings(1.5 * MiB)}}`,
  ],
  ['as many members as are read', `{"data":{"id":"1"},"included":${nothings(290_000)}}`],
  [
    'two mebibytes of one text',
    JSON.stringify({ data: { id: '1', attributes: { note: 'x'.repeat(1.9 * MiB) } } }),
  ],
])(
  'ten answers at once of %s: the process lives, and says within a second that it does',
  async (_what, body) => {
    await open(({ url = '' }, response) => {
      if (!/\/applications\//.test(url)) return false
      response.writeHead(200, { 'content-type': 'application/vnd.api+json' }).end(body)
      return true
    })
    // The first request of a process is compiled.
    await fetch(`${service.url}/healthz`)
    let slowest = 0
    const over = new AbortController()
    const watching = (async () => {
      while (!over.signal.aborted) {
        const startedAt = performance.now()
        const answer = await fetch(`${service.url}/healthz`)
        expect(answer.status).toBe(200)
        slowest = Math.max(slowest, performance.now() - startedAt)
      }
    })()
    const people = Array.from({ length: 10 }, (_, index) => `eve-${index}@example.com`)
    await Promise.all(people.map((email) => hireOf(world, 'evil', { email, url: service.url })))
    await until('every hire to be looked at', async () => {
      const all = await runs()
      return all.length === 10 && all.every(({ state, attempt }) => attempt > 0 && state !== 'running')
    })
    over.abort()
    await watching
    expect(slowest).toBeLessThan(1000)
  },
  120_000,
)
