/**
 * Hires while somebody holds a snapshot of the database open, such as a forgotten transaction or a long backup: nothing that is dead can be
 * cleaned up meanwhile.
 */
import { closedLoop } from '../support/closed-loop.ts'
import { openBenchDatabase } from '../support/database.ts'
import type { Scenario } from '../support/figure.ts'
import { openBenchPostgres } from '../support/postgres.ts'
import { openBenchWorld } from '../support/world.ts'

export const snapshot: Scenario = {
  name: 'snapshot',
  about: 'hires at once at the end of 10,000 that pass while a snapshot is held open, beside those before it',
  async open({ quick, closing }) {
    // The sandbox keeps all that was made in memory: it forgets after each portion.
    const [portions, atOnce] = quick ? [3, 100] : [10, 1_000]
    return async () => {
      const postgres = closing(await openBenchPostgres())
      const databaseUrl = await postgres.database('service')
      const world = closing(await openBenchWorld({ databaseUrl }))
      const database = closing(openBenchDatabase(databaseUrl))
      /** Hires a second. */
      const portion = async () => {
        await world.forget()
        const hires = await world.hires(atOnce)
        const began = performance.now()
        await closedLoop(world.webhookUrl(), hires)
        await database.allDone()
        return (atOnce * 1000) / (performance.now() - began)
      }
      await portion()
      const baseline = await portion()
      const holder = await database.pool.connect()
      await holder.query('begin isolation level repeatable read')
      await holder.query('select count(*) from runs')
      let ours = 0
      for (let passed = 0; passed < portions; passed++) ours = await portion()
      await holder.query('rollback')
      holder.release()
      return [{ name: `the last ${atOnce} of ${portions * atOnce}`, unit: 'hires a second', ours, baseline }]
    }
  },
}
