/** Endpoints for orchestrators and scrapers: is the process alive, is it ready, and its metrics. */
import type { Hono } from 'hono'

import { RetryLater } from '../base/failure.ts'
import type { Metrics } from '../observe/metrics.ts'
import { TooSlow, within } from './within.ts'

/** Probes wait for a second or a few; a check that hangs is an answer as well. */
const checkMilliseconds = 2_000

export interface ReadinessCheck {
  readonly name: string
  /** A sentence when it is not ready. */
  readonly problem: () => Promise<string | undefined>
}

export interface Readiness {
  /** If one of these has a problem, the process is of no use: it cannot store a webhook, or cannot work. */
  readonly readiness: readonly ReadinessCheck[]
  /** Conditions that need attention although the process is ready. */
  readonly notices?: () => Promise<readonly Notice[]>
}

export interface Notice {
  readonly name: string
  readonly problem: string
}

export function addHealthRoutes(app: Hono, { readiness, notices }: Readiness): void {
  app.get('/healthz', (c) => c.json({ ok: true }))
  app.get('/readyz', async (c) => {
    const [asked, known] = await Promise.all([
      Promise.all(readiness.map(async ({ name, problem }) => ({ name, problem: await askInTime(problem) }))),
      notices === undefined ? [] : noticesInTime(notices),
    ])
    const ready = asked.every(({ problem }) => problem === null)
    return c.json({ ready, checks: asked, notices: known }, ready ? 200 : 503)
  })
}

export function addMetricsRoute(app: Hono, metrics: Metrics): void {
  app.get('/metrics', async (c) => {
    c.header('Content-Type', metrics.registry.contentType)
    return c.body(await metrics.registry.metrics())
  })
}

async function askInTime(problem: ReadinessCheck['problem']): Promise<string | null> {
  try {
    return (await within(problem(), checkMilliseconds)) ?? null
  } catch (error) {
    if (!(error instanceof TooSlow)) throw error
    return `No answer within ${checkMilliseconds / 1000} seconds.`
  }
}

/** Notices that cannot be read are unknown: the checks say why. */
async function noticesInTime(notices: () => Promise<readonly Notice[]>): Promise<readonly Notice[]> {
  try {
    return await within(notices(), checkMilliseconds)
  } catch (error) {
    if (error instanceof RetryLater) return []
    throw error
  }
}
