/** A world in which nobody tells of hires, for sweeps that find them. */
import { type Ran, runCommand } from '../support/command-line.ts'
import { openWorld, type World, type WorldOptions } from '../support/world.ts'

export const hour = 3_600_000
export const ago = (milliseconds: number) => new Date(Date.now() - milliseconds).toISOString()

/** Its connections were enabled ten days ago. */
export async function openToSweep(options: WorldOptions = {}): Promise<World> {
  const world = await openWorld({ service: false, ...options })
  await world.store.database.pool.query(
    `update connections set enabled_since = now() - interval '10 days' where enabled`,
  )
  return world
}

/** A hire whose webhook never came. */
export const addMissed = ({ sandbox }: World, seed: object = {}, hiredAt = ago(5 * hour)) =>
  sandbox.pinpoint.addApplication({ hiredAt, ...seed })

export const sweepAcme = ({ env }: World, ...more: readonly string[]): Promise<Ran> =>
  runCommand(['sweep', '--tenant', 'acme', '--json', ...more], env)
