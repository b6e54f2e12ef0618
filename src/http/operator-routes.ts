/** What orchestrators and scrapers ask: is the process alive, is it ready, how is it doing. */
import type { Hono } from 'hono'

import type { Metrics } from '../observe/metrics.ts'
import { TooSlow, within } from './within.ts'

/** Who asks waits a second or a few; a check that hangs is an answer as well. */
const checkMilliseconds = 2_000

export interface ReadinessCheck {
  readonly name: string
  /** A sentence when it is not ready. */
  readonly problem: () => Promise<string | undefined>
}

export function addOperatorRoutes(
  app: Hono,
  { readiness, metrics }: { readonly readiness: readonly ReadinessCheck[]; readonly metrics: Metrics },
): void {
  app.get('/healthz', (c) => c.json({ ok: true }))
  app.get('/readyz', async (c) => {
    const checks = await Promise.all(
      readiness.map(async ({ name, problem }) => ({ name, problem: await askInTime(problem) })),
    )
    const ready = checks.every(({ problem }) => problem === null)
    return c.json({ ready, checks }, ready ? 200 : 503)
  })
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
