/** The routes of the imitated Pinpoint API, below `/pinpoint`. Each call is authorised, limited and gated. */
import { Hono } from 'hono'

import {
  type Gate,
  gated,
  pathPart,
  type SandboxContext,
  type SandboxEnv,
  type SandboxHandler,
} from '../gate.ts'
import type { RateWindows } from '../rate-window.ts'
import { failure, injected, refusal, tooMany } from './answers.ts'
import { getApplication, listApplications, type PinpointApi, updateApplication } from './applications.ts'
import { createComment, listComments } from './comments.ts'
import { createCustomAttribute, listCustomFields } from './custom-fields.ts'
import { getJob, listJobs } from './jobs.ts'

const asUuid = (hex: string) => hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5')

export function pinpointRoutes(gate: Gate, api: PinpointApi, windows: RateWindows): Hono<SandboxEnv> {
  const app = new Hono<SandboxEnv>()
  const account = (c: SandboxContext) => c.req.param('subdomain') ?? ''
  const open = gated(gate, {
    system: 'pinpoint',
    account,
    tooMany,
    refusal: injected,
    requestId: { header: 'x-request-id', make: asUuid },
  })
  const on = (
    operation: string,
    handler: (api: PinpointApi, c: SandboxContext) => Response | Promise<Response>,
  ): SandboxHandler =>
    open(operation, (c) => {
      authorise(api, c)
      return overLimit(api, c, windows) ?? handler(api, c)
    })
  const base = '/:subdomain/api/v1'
  app.get(`${base}/applications`, on('applications.list', listApplications))
  app.get(`${base}/applications/:id`, on('applications.get', getApplication))
  app.put(`${base}/applications/:id`, on('applications.update', updateApplication))
  app.get(`${base}/jobs`, on('jobs.list', listJobs))
  app.get(`${base}/jobs/:id`, on('jobs.get', getJob))
  app.get(`${base}/custom_fields`, on('custom_fields.list', listCustomFields))
  app.post(`${base}/custom_attributes`, on('custom_attributes.create', createCustomAttribute))
  app.get(`${base}/comments`, on('comments.list', listComments))
  app.post(`${base}/comments`, on('comments.create', createComment))
  app.all(
    '*',
    open('unknown', () => failure(404, 'Record not found')),
  )
  return app
}

/** https://developers.pinpointhq.com/docs/authentication */
function authorise(api: PinpointApi, c: SandboxContext): void {
  const tenant = api.store.tenant(pathPart(c, 'subdomain'))
  const key = c.req.header('x-api-key')
  if (key === undefined || key === '') throw refusal(401, 'X-API-KEY header not provided')
  if (key !== tenant?.apiKey) throw refusal(401, 'Invalid API key')
  if (!tenant.enabled) throw refusal(403, 'Integration not enabled')
}

/** 120 calls a minute and 240 in eight, over all tenants of one caller: counted together here. */
function overLimit(api: PinpointApi, c: SandboxContext, windows: RateWindows): Response | undefined {
  if (!api.store.tenant(pathPart(c, 'subdomain'))?.rateLimited) return undefined
  const taken = [windows.take('pinpoint burst', 120, 60), windows.take('pinpoint sustained', 240, 480)]
  const exceeded = taken.filter((window) => window.exceeded)
  if (exceeded.length === 0) return undefined
  return tooMany({ resetInSeconds: Math.max(...exceeded.map((window) => window.resetInSeconds)) })
}
