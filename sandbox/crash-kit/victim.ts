/**
 * A service that kills itself: `node victim.ts <order>`, with the environment of a service. It dies by SIGKILL at its
 * crash point; until then it is the product, composed by the same function.
 */
import { flushCompileCache } from 'node:module'

import { z } from 'zod'

import { startService } from '../../src/app/service.ts'
import { readConfig } from '../../src/config/environment.ts'
import { createLog } from '../../src/observe/log.ts'
import { isCrashPoint } from './crash-point.ts'
import { decoratePorts } from './decorate-ports.ts'
import { killAt } from './harms.ts'
import { loadIntegrations } from './load-integrations.ts'
import { createPlans } from './plans.ts'

const order = z.strictObject({
  module: z.url(),
  callSeconds: z.number(),
  sweepPollSeconds: z.number(),
  account: z.string(),
  point: z.string().refine(isCrashPoint),
  step: z.string(),
  nth: z.int().positive(),
})
export type VictimOrder = z.output<typeof order>

const { module, callSeconds, sweepPollSeconds, ...place } = order.parse(JSON.parse(process.argv[2] ?? ''))
const config = readConfig(process.env)
const plans = createPlans()
void plans.add({ ...place, level: 'port', harm: killAt })
const service = await startService(config, createLog(config.logLevel), {
  decorate: decoratePorts(plans.reach),
  integrations: await loadIntegrations(new URL(module)),
  callSeconds,
  sweepPollSeconds,
})
// The next victim starts in half the time with what this one has compiled; one that is killed writes nothing at its end.
flushCompileCache()
process.once('SIGTERM', () => void service.close())
