/**
 * A service that holds still at chosen places, so that a test can stop it there: `node holding-service.ts <order>`, with the
 * environment of a service. It is the product, composed by the same function. At each place it writes a line and waits
 * until SIGUSR2.
 */
import { z } from 'zod'

import { isCrashPoint } from '../../sandbox/crash-kit/crash-point.ts'
import { decoratePorts } from '../../sandbox/crash-kit/decorate-ports.ts'
import { pace } from '../../sandbox/crash-kit/pace.ts'
import { createPlans } from '../../sandbox/crash-kit/plans.ts'
import { startService } from '../../src/app/service.ts'
import { readConfig } from '../../src/config/environment.ts'
import { createLog } from '../../src/observe/log.ts'

const places = z.array(
  z.strictObject({
    account: z.string(),
    point: z.string().refine(isCrashPoint),
    step: z.string(),
    nth: z.int().positive(),
  }),
)

const goOn = Promise.withResolvers<undefined>()
// What waits for a signal only would not keep a process up whose service is closed.
const waiting = setInterval(() => {}, 60_000)
process.once('SIGUSR2', () => {
  clearInterval(waiting)
  goOn.resolve(undefined)
})
const plans = createPlans()
const order = places.parse(JSON.parse(process.argv[2] ?? '[]'))
if (order.length === 0) clearInterval(waiting)
for (const place of order) {
  const harm = async () => {
    process.stdout.write(`holding ${place.account}\n`)
    await goOn.promise
  }
  void plans.add({ ...place, level: 'port', harm })
}
const config = readConfig(process.env)
const service = await startService(config, createLog(config.logLevel), {
  decorate: decoratePorts(plans.reach),
  ...pace,
})
process.once('SIGTERM', () => void service.close().then(() => process.stdout.write('closed\n')))
