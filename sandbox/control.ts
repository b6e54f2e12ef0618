/** The control API below `/_sandbox`: seeding, faults and the ledger over HTTP, for callers in other processes. */
import { type Context, Hono } from 'hono'
import { z } from 'zod'

import { parseJson } from '../src/base/json.ts'
import { faultRule } from './faults.ts'
import type { SandboxEnv } from './gate.ts'
import { companySeed, employeeChanges, employeeSeed } from './hibob/seed.ts'
import { applicationChanges, applicationSeed, jobSeed, tenantSeed } from './pinpoint/seed.ts'
import { hireEvent, sampleEvent, signPinpoint } from './pinpoint-webhook.ts'
import { receiverSeed } from './receiver/seed.ts'
import type { World } from './world.ts'

type Control = Hono<SandboxEnv>

export function controlRoutes(world: World): Control {
  const app: Control = new Hono<SandboxEnv>()
  app.delete('/', (c) => {
    world.reset()
    return c.body(null, 204)
  })
  app.get('/ledger', (c) => {
    const ledger = world.ledger()
    return c.json(c.req.query('only') === 'counts' ? { counts: ledger.counts, twins: ledger.twins } : ledger)
  })
  app.get('/calls', (c) => {
    const { system, operation } = c.req.query()
    return c.json({ calls: world.calls.list({ system, operation }) })
  })
  faultRoutes(app, world)
  seedRoutes(app, world)
  changeRoutes(app, world)
  setUpRoutes(app, world)
  app.onError((error, c) => {
    if (error instanceof z.ZodError) return c.json({ error: z.prettifyError(error) }, 400)
    throw error
  })
  return app
}

function faultRoutes(app: Control, { faults }: World): void {
  app.post('/faults', async (c) => c.json(faults.add(faultRule.parse(await body(c))), 201))
  app.get('/faults', (c) => c.json({ faults: faults.list() }))
  app.delete('/faults', (c) => {
    faults.clear()
    return c.body(null, 204)
  })
  app.delete('/faults/:id', (c) => (faults.remove(c.req.param('id')) ? c.body(null, 204) : unknown(c)))
  app.post('/hold/:id/release', (c) => (faults.remove(c.req.param('id')) ? c.body(null, 204) : unknown(c)))
}

function seedRoutes(app: Control, { pinpoint, hibob }: World): void {
  app.post('/applications', async (c) => {
    const made = several(applicationSeed, await body(c)).map((seed) => pinpoint.addApplication(seed))
    const applications = made.map(({ id, tenant, email, job }) => ({ id, tenant, email, jobId: job.id }))
    return c.json({ applications }, 201)
  })
  app.post('/jobs', async (c) => {
    const made = several(jobSeed, await body(c)).map((seed) => pinpoint.addJob(seed, c.req.query('tenant')))
    return c.json({ jobs: made.map(({ id, tenant, title, status }) => ({ id, tenant, title, status })) }, 201)
  })
  app.patch('/applications/:id', async (c) => {
    const changes = applicationChanges.parse(await body(c))
    const application = pinpoint.changeApplication(c.req.param('id'), changes, c.req.query('tenant'))
    return application ? c.json({ id: application.id, updatedAt: application.updatedAt }) : unknown(c)
  })
  app.delete('/applications/:id', (c) =>
    pinpoint.removeApplication(c.req.param('id'), c.req.query('tenant')) ? c.body(null, 204) : unknown(c),
  )
  app.post('/employees', async (c) => {
    const made = several(employeeSeed, await body(c)).map((seed) => hibob.addEmployee(seed))
    return c.json({ employees: made.map(({ id, company, email }) => ({ id, company, email })) }, 201)
  })
}

function changeRoutes(app: Control, { hibob }: World): void {
  app.patch('/employees/:id', async (c) => {
    const id = c.req.param('id')
    hibob.changeEmployee(id, employeeChanges.parse(await body(c)))
    return hibob.employee(id) ? c.json({ id }) : unknown(c)
  })
  app.delete('/employees/:id', (c) =>
    hibob.removeEmployee(c.req.param('id')) ? c.body(null, 204) : unknown(c),
  )
}

function setUpRoutes(app: Control, { pinpoint, hibob, receivers }: World): void {
  app.put('/tenants', async (c) => c.json(pinpoint.addTenant(tenantSeed.parse(await body(c)))))
  app.put('/companies', async (c) => c.json(hibob.addCompany(companySeed.parse(await body(c)))))
  app.put('/receivers', async (c) => c.json(receivers.addReceiver(receiverSeed.parse(await body(c)))))
  app.post('/webhook', async (c) => {
    const asked = webhook.parse(await body(c))
    const text =
      'sample' in asked ? sampleEvent : hireEvent(asked.applicationId, asked.jobId, asked.triggeredAt)
    return c.json({ body: text, headers: { 'pinpoint-hmac-sha256': signPinpoint(asked.secret, text) } })
  })
}

const id = z.union([z.string(), z.int()])
const secret = z.string().min(1)
const webhook = z.union([
  z.strictObject({ secret, applicationId: id, jobId: id.default(1), triggeredAt: z.int().optional() }),
  z.strictObject({ secret, sample: z.literal(true) }),
])

/** One seed, a list of them, or `{ "count": 500 }` beside one: so many alike. */
function several<Seed extends z.ZodType>(schema: Seed, given: unknown): readonly z.output<Seed>[] {
  if (Array.isArray(given)) return given.map((one) => schema.parse(one))
  const { count, ...seed } = z.looseObject({ count: z.int().min(1).max(100_000).default(1) }).parse(given)
  return Array.from({ length: count }, () => schema.parse(seed))
}

/** The parsed body; an empty one means "everything by default". */
async function body(c: Context<SandboxEnv>): Promise<unknown> {
  const text = await c.req.text()
  return text === '' ? {} : parseJson(text)
}

const unknown = (c: Context<SandboxEnv>) => c.json({ error: 'the sandbox knows no such thing' }, 404)
