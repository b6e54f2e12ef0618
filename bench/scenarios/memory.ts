/** Memory of a service that has done 10,000 hires, and whether it grows with more of them. */
import { setTimeout as pause } from 'node:timers/promises'

import { closedLoop } from '../support/closed-loop.ts'
import { openBenchDatabase } from '../support/database.ts'
import type { Scenario } from '../support/figure.ts'
import { openBenchPostgres } from '../support/postgres.ts'
import { mostMegabytes, residentMegabytes } from '../support/process-usage.ts'
import { openBenchWorld } from '../support/world.ts'

/** The sandbox keeps all that was made in memory: it forgets after so many. */
const atOnce = 1_000

export function memory(
  name: string,
  { hires, onlyByName }: { readonly hires: number; readonly onlyByName: boolean },
): Scenario {
  return {
    name,
    about: `resident memory after ${hires} hires, beside that after the first tenth of them; one round is one service`,
    onlyByName,
    async open({ quick, closing }) {
      const all = quick ? 2_000 : hires
      return async () => {
        const postgres = closing(await openBenchPostgres())
        const databaseUrl = await postgres.database('service')
        const world = closing(await openBenchWorld({ databaseUrl, env: { LOG_LEVEL: 'info' } }))
        const database = closing(openBenchDatabase(databaseUrl))
        const pid = world.service.child.pid ?? 0
        const resident = async () => {
          // Nothing is under way any longer.
          await pause(12_000)
          return residentMegabytes(pid)
        }
        let early = 0
        let most = 0
        for (let done = 0; done < all; done += atOnce) {
          await world.forget()
          await closedLoop(world.webhookUrl(), await world.hires(Math.min(atOnce, all - done)))
          await database.allDone()
          if (early !== 0 || done + atOnce < all / 10) continue
          most = await mostMegabytes(pid)
          early = await resident()
        }
        const late = await resident()
        const unit = 'MB'
        return [
          { name: `after ${all} hires`, unit, ours: late, bar: { of: 'ours', atMost: 260 } },
          {
            name: 'beside after a tenth of them',
            unit,
            ours: late,
            baseline: early,
            bar: { of: 'ratio', atMost: 1.15 },
          },
          { name: 'most while they were made', unit, ours: await mostMegabytes(pid), baseline: most },
        ]
      }
    },
  }
}
