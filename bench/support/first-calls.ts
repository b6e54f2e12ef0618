/** When the sandbox was first asked for the application of each of these hires, in milliseconds of the system's clock. */
import type { BenchWorld, Hire } from './world.ts'

export async function firstCalls(world: BenchWorld, hires: readonly Hire[]): Promise<readonly number[]> {
  const calls = await world.calls('pinpoint', 'applications.get')
  const first = new Map<string, number>()
  for (const { at, path } of calls.toReversed()) first.set(path.split('/').at(-1) ?? '', Date.parse(at))
  return hires.map(({ application }) => {
    const at = first.get(application)
    if (at === undefined) throw new Error(`nobody asked for application ${application}`)
    return at
  })
}
