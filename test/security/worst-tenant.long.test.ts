// H2, H3, M5, M6: one tenant at its worst, and how long another one's hires take meanwhile.
import type { IncomingMessage, ServerResponse } from 'node:http'

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'

import { sweepDeps } from '../../src/app/background.ts'
import { openOutbound } from '../../src/app/outbound.ts'
import { silentLog } from '../../src/observe/log.ts'
import { addTenant, hireOf } from '../limits/two-tenants.ts'
import { openOwnHost, type OwnHostOptions } from '../support/own-host.ts'
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

/** The bar is for the median of fifty; fewer show as well whom a neighbour holds up. */
const measured = 16
/** Hires that the bad tenant has had before the first of the others, and with each of them: all slots that it may have are always taken. */
const flood = { before: 200, beside: 5 }
/** Where they are done, many of them are no attack but work. */
const few = { before: 10, beside: 1 }

let world: World
let service: ServiceProcess

beforeAll(async () => {
  world = await openWorld({ service: false })
  service = await startServiceProcess(world.env)
  await addTenant(world, 'warm-up')
  await medianOf('warm-up', 16)
})
afterAll(async () => {
  await service.kill()
  await world.close()
})

const runsOf = (tenant: string) => world.store.runs.listRuns({ limit: 1000, tenant })

/** How long hires take one after the other, from sending to done, in milliseconds. */
async function medianOf(
  slug: string,
  count: number,
  meanwhile: (index: number) => Promise<unknown> = async () => {},
): Promise<number> {
  const took: number[] = []
  for (let index = 0; index < count; index++) {
    const others = meanwhile(index)
    const sentAt = Date.now()
    await hireOf(world, slug, { email: `person-${index}@example.com`, url: service.url })
    const [run] = await until(`${slug}’s hire to be done`, async () => {
      const runs = await runsOf(slug)
      return runs.length > index && runs.every(({ state }) => state === 'done') && runs
    })
    took.push(Date.parse(run?.updatedAt ?? '') - sentAt)
    await others
  }
  return took.toSorted((one, other) => one - other)[Math.floor(count / 2)] ?? NaN
}

/** So many hires of that tenant at once. */
const burst = (slug: string, count: number, name: string) =>
  Promise.all(
    Array.from({ length: count }, (_, index) =>
      hireOf(world, slug, { email: `${name}-${index}@example.com`, url: service.url }),
    ),
  )

/** A host of a tenant’s own, until the test has ended. */
async function openEvil(slug: string, options: Omit<OwnHostOptions, 'slug'>): Promise<{ asked(): number }> {
  let asked = 0
  const answers: NonNullable<OwnHostOptions['answers']> = (request, response) => {
    asked += 1
    return options.answers?.(request, response) ?? false
  }
  const host = await openOwnHost(world.sandbox, { slug, ...options, answers })
  onTestFinished(() => host.close())
  await addTenant(world, slug, host.apiUrl)
  return { asked: () => asked }
}

function text(response: ServerResponse, body: string | Buffer): true {
  response.writeHead(200, { 'content-type': 'application/vnd.api+json' }).end(body)
  return true
}

const application = (name: string) =>
  Buffer.from(JSON.stringify({ data: { id: '1', type: 'applications', attributes: { first_name: name } } }))
const nineMegabytes = application('x'.repeat(9_000_000))
const asMuchAsIsRead = application('x'.repeat(1_000_000))

/** A hundred relationships of sixty each, in less than 64 KiB. */
const dense = JSON.stringify({
  data: {
    id: '1',
    type: 'applications',
    attributes: {},
    relationships: Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [
        `r${index}`,
        { data: Array.from({ length: 60 }, () => ({ id: 1 })) },
      ]),
    ),
  },
})

const isApplication = ({ url = '' }: IncomingMessage) => /\/applications\//.test(url)

const modes: Readonly<Record<string, Omit<OwnHostOptions, 'slug'>>> = {
  'answers 429 for an hour': {
    answers(_, response) {
      response.writeHead(429, { 'retry-after': '3600' }).end()
      return true
    },
  },
  'says that nothing is left of its limit for an hour': {
    headers: { 'x-ratelimit-limit': '1', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '3600' },
  },
  'never answers': { answers: () => true },
  'answers with texts of 9 MB': {
    answers: (request, response) => isApplication(request) && text(response, nineMegabytes),
  },
  'answers with what takes long to read, and is not large': {
    answers: (request, response) => isApplication(request) && text(response, dense),
  },
  'answers with texts as large as are read': {
    answers: (request, response) => isApplication(request) && text(response, asMuchAsIsRead),
  },
}

/** A list of hires without end, all of them from long before the webhooks that never came. */
function endlessList(): NonNullable<OwnHostOptions['answers']> {
  let last = Date.now() - 30 * 24 * 3_600_000
  return ({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://pinpoint')
    if (!pathname.endsWith('/applications')) return false
    const data = Array.from({ length: Number(searchParams.get('page[size]')) }, () => {
      last += 2000
      const at = new Date(last).toISOString()
      return { id: String(last), type: 'applications', attributes: { updated_at: at, hired_at: at } }
    })
    return text(response, JSON.stringify({ data }))
  }
}

/** A sweep of all that this tenant ever hired, as a person has asked for it and said that it may take up whatever it finds. */
async function sweepAll(slug: string): Promise<void> {
  const { store, config } = world
  const outbound = openOutbound(config)
  onTestFinished(() => outbound.close())
  const tenant = await store.tenants.open(slug)
  if (tenant === undefined) throw new Error(`there is no tenant ${slug}`)
  const request = { tenant, since: new Date(0), anyAge: true, undated: true, confirmed: true }
  const sweep = await store.sweeps.begin(request, 'this test')
  if (sweep === undefined) throw new Error('the sweep has not begun')
  const deps = sweepDeps({ store, outbound, log: silentLog, address: config.egressName })
  await deps.store.end(sweep, { state: 'queued' })
}

/** The median of another tenant's hires without the bad one's and beside them. */
async function measure(
  name: string,
  beside: (index: number) => Promise<unknown>,
  begin: () => Promise<unknown>,
) {
  for (const slug of [`quiet-${name}`, `good-${name}`]) await addTenant(world, slug)
  const quiet = await medianOf(`quiet-${name}`, measured)
  await begin()
  const took = await medianOf(`good-${name}`, measured, beside)
  process.stdout.write(`${name}: ${Math.round(quiet)} ms, and ${Math.round(took)} ms beside it\n`)
  return { took, bar: Math.max(2 * quiet, quiet + 300) }
}

describe('Another tenant’s hires take at most twice as long, or 300 ms more, while one tenant’s Pinpoint', () => {
  it.each(Object.entries(modes))('%s', async (what, options) => {
    const { before, beside } = options.headers === undefined ? flood : few
    const evil = what.toLowerCase().replaceAll(/\W+/g, '-')
    const host = await openEvil(evil, options)
    const { took, bar } = await measure(
      evil,
      (hire) => burst(evil, beside, `eve-${hire}`),
      () => burst(evil, before, 'eve'),
    )
    expect(host.asked()).toBeGreaterThan(0)
    expect(took).toBeLessThanOrEqual(bar)
  })

  it('has a list of hires that never ends, and a sweep takes up all of them', async () => {
    await openEvil('endless', { answers: endlessList() })
    const { took, bar } = await measure(
      'endless',
      async () => {},
      async () => {
        await sweepAll('endless')
        await until(
          'its first page',
          async () => ((await world.store.sweeps.latest('endless'))?.seen ?? 0) > 0,
          90,
        )
      },
    )
    expect(await world.store.sweeps.latest('endless')).toMatchObject({ state: 'running' })
    expect((await runsOf('endless')).length).toBeGreaterThanOrEqual(500)
    expect(took).toBeLessThanOrEqual(bar)
  })
})
