/**
 * Hires of five companies at once, behind one address, under the limits that Pinpoint and HiBob document, with the settings of a
 * newcomer: the engine, its limits and the sandbox on the virtual clock of the simulation. Half an hour takes seconds, and the figures
 * do not depend on the machine.
 */
import { readConfig } from '../../src/config/environment.ts'
import { manyHires } from '../../test/simulation/many-hires.ts'
import type { Figure, Scenario } from '../support/figure.ts'

const tenants = 5
/** https://developers.pinpointhq.com/docs/rate-limits */
const inAMinute = 120
const inEightMinutes = 240

export const limits: Scenario = {
  name: 'limits',
  about: 'hires at once under the documented limits, on a virtual clock, beside what two calls a hire allow',
  async open({ quick }) {
    const hires = quick ? 150 : 500
    const { workerConcurrency: concurrency } = readConfig({})
    let seed = 0
    return async () => {
      const { done, seconds, pinpointCalls, refusedCalls, attempts } = await manyHires({
        ...{ hires, tenants, concurrency, seed: ++seed },
      })
      if (done !== hires) throw new Error(`of ${hires} hires ${done} were done`)
      const name = `${hires} hires of ${tenants} companies`
      const perMinute = (took: number) => (hires * 60) / took
      const figures: readonly Figure[] = [
        {
          ...{ name, unit: 'hires a minute', ours: perMinute(seconds) },
          ...{ baseline: perMinute(secondsAllowed(hires)), bar: { of: 'ratio', atLeast: 0.95 } },
        },
        { name: `${name}: calls to Pinpoint`, unit: 'a hire', ours: pinpointCalls / hires },
        { name: `${name}: calls answered with 429`, unit: 'a hire', ours: refusedCalls / hires },
        { name: `${name}: attempts`, unit: 'a hire', ours: attempts / hires },
      ]
      return figures
    }
  },
}

/** Until the last of two calls a hire is allowed. */
function secondsAllowed(hires: number): number {
  const calls = 2 * hires
  const windows = Math.floor((calls - 1) / inEightMinutes)
  const rest = calls - windows * inEightMinutes
  return windows * 480 + (rest > inAMinute ? 60 : 0)
}
