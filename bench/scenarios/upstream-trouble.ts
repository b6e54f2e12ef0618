/** How fast a webhook is answered while HiBob takes ten seconds for each answer, or is down, beside a quick one. */
import type { Figure, Scenario } from '../support/figure.ts'
import { openLoop } from '../support/open-loop.ts'
import { percentiles } from '../support/percentiles.ts'
import { openBenchWorld } from '../support/world.ts'

const perSecond = 20
const troubles = {
  'each answer takes 10 s': { delayMs: 10_000 },
  down: { cut: 'before' },
}

export const upstreamTrouble: Scenario = {
  name: 'trouble',
  about: `webhooks at ${perSecond} a second while HiBob is slow or down, beside a quick HiBob`,
  async open({ quick }) {
    const seconds = quick ? 2 : 15
    async function measure(effect?: object) {
      const world = await openBenchWorld()
      try {
        if (effect !== undefined) await world.fault({ system: 'hibob', every: 1, effect })
        // Warm: a service that has just started compiles its code at the first requests.
        await openLoop(world.webhookUrl(), await world.hires(20), 20)
        const hires = await world.hires(perSecond * seconds)
        return percentiles(await openLoop(world.webhookUrl(), hires, perSecond))
      } finally {
        await world.close()
      }
    }
    return async () => {
      const baseline = await measure()
      const figures: Figure[] = []
      for (const [name, effect] of Object.entries(troubles)) {
        const ours = await measure(effect)
        figures.push(
          { name: `${name}: p50`, unit: 'ms', ours: ours.p50, baseline: baseline.p50 },
          { name: `${name}: p99`, unit: 'ms', ours: ours.p99, baseline: baseline.p99 },
        )
      }
      return figures
    }
  },
}
