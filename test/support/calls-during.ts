/** What something costs in calls: `pinpoint jobs.get` → how many. */
import type { World } from './world.ts'

export async function callsDuring(
  { sandbox }: Pick<World, 'sandbox'>,
  work: () => Promise<unknown>,
): Promise<Readonly<Record<string, number>>> {
  sandbox.calls.reset()
  await work()
  const calls = sandbox.calls.list().map(({ system, operation }) => `${system} ${operation}`)
  return Object.fromEntries(
    [...new Set(calls)].sort().map((name) => [name, calls.filter((one) => one === name).length]),
  )
}
