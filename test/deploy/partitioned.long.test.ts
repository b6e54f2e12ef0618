// Machines of their own, as far as one machine can make them: each process has a network namespace, and a cable to pull out.
import { afterEach, describe, expect, it, vi } from 'vitest'

import { canMakeHosts, type Network, openNetwork } from '../support/network-hosts.ts'
import { expectExactly } from '../support/oracle.ts'
import { openRelay } from '../support/relay.ts'
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts'
import { storedRows } from '../support/stored-rows.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

vi.setConfig({ testTimeout: 150_000, hookTimeout: 60_000 })

type Name = 'intake' | 'one' | 'other'

/** Where the worker that is cut off is in the middle of a run each. */
const places = [
  ['people.search', 'before'],
  ['people.create', 'after'],
  ['docs.upload', 'after'],
] as const
const meanwhile = 3

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

describe.skipIf(!canMakeHosts())('Intake and two workers on networks of their own', () => {
  it('a worker that is cut off for longer than its lease writes nothing late, and works on when it is back', async () => {
    const network = openNetwork<Name>(['intake', 'one', 'other'])
    closing.push(() => network.close())
    const world = await openWorld({
      service: false,
      sandboxHost: network.address,
      hibob: { readLagSeconds: 0 },
    })
    closing.push(() => world.close())
    const start = await starter(world, network)

    const intake = await start('intake')
    const one = await start('one')
    const hire = () => world.hire({}, { url: intake.url })
    const held: string[] = []
    for (const [operation, hold] of places) {
      const { id } = world.sandbox.faults.add({ system: 'hibob', operation, effect: { hold } })
      held.push(id)
      await hire()
      await world.sandbox.faults.whenHeld(id)
    }
    const other = await start('other')
    network.hosts.one.cut()
    for (const id of held) world.sandbox.faults.remove(id)
    for (let sent = 0; sent < meanwhile; sent++) await hire()
    const count = places.length + meanwhile
    const runs = await world.settled(count, 90)
    expect(runs.filter(({ state }) => state !== 'done')).toEqual([])
    expectExactly(world, count)
    const before = await storedRows(world.store, ['acme'])

    network.hosts.one.mend()
    await until(
      'it to notice that none of the runs is its own any more',
      () => one.output().match(/another worker has taken this run over/g)?.length === places.length,
      90,
    )
    expect(await storedRows(world.store, ['acme'])).toEqual(before)
    expectExactly(world, count)

    expect(await other.stop()).toBe(0)
    await until('it to be ready', async () => (await fetch(`${one.url}/readyz`)).status === 200)
    await hire()
    expect(await world.settled(count + 1)).toHaveLength(count + 1)
    expectExactly(world, count + 1)
    expect(await one.stop()).toBe(0)
  })
})

/** Starts the product on one of the hosts, where it reaches the database at this machine's address on their switch. */
async function starter(world: World, network: Network<Name>) {
  const database = new URL(world.env['DATABASE_URL'] ?? '')
  const relay = await openRelay(network.address, Number(database.port))
  closing.push(() => relay.close())
  database.host = `${network.address}:${relay.port}`
  return async (name: Name): Promise<ServiceProcess> => {
    const { address, within } = network.hosts[name]
    const ROLE = name === 'intake' ? 'intake' : 'worker'
    const env = { ...world.env, DATABASE_URL: database.href, HOST: address, ROLE }
    const service = await startServiceProcess(env, { within })
    closing.push(() => service.kill())
    return service
  }
}
