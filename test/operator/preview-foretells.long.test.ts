/** A preview says what the run then does, and has written nothing by then. */
import { afterEach, expect, it } from 'vitest'

import type { ApplicationSeed } from '../../sandbox/index.ts'
import { replayEvent } from '../../src/operator/operate.ts'
import { runCommand } from '../support/command-line.ts'
import { openWorld, type World, type WorldOptions } from '../support/world.ts'

let world: World
afterEach(() => world.close())

interface Foretold {
  readonly outcome: string
  readonly code: string | null
  readonly warnings: readonly { readonly code: string }[]
  readonly effects: readonly { readonly title: string; readonly state: string }[]
}
type Foreseen = { readonly seed: ApplicationSeed } & Pick<WorldOptions, 'connection'> & {
    readonly before?: (hibob: World['sandbox']['hibob']) => void
  }

const email = 'ada@example.com'
const there = (status: 'Active' | 'Inactive'): Foreseen => ({
  seed: {},
  before: (hibob) => void hibob.addEmployee({ email, status }),
})
const hires: Readonly<Record<string, Foreseen>> = {
  'who is new': { seed: {} },
  'without a CV': { seed: { cv: null } },
  'who is there already': there('Active'),
  'who has left': there('Inactive'),
  'without a start date': { seed: { startOn: null, offers: [{ result: 'accepted', startOn: null }] } },
  'whose start date is far away': { seed: { offers: [{ result: 'accepted', startOn: '2031-01-06' }] } },
  'whose title HiBob does not know': { seed: { job: { title: 'Chef' } } },
  'with something that the mapping leaves out': {
    seed: { phone: 'x'.repeat(2001) },
    connection: { mapping: { 'home.mobilePhone': 'candidate.phone' } },
  },
  'with something that the mapping must not leave out': {
    seed: { phone: null },
    connection: { mapping: { 'home.mobilePhone': { from: 'candidate.phone', otherwise: 'park' } } },
  },
}

it.each(Object.entries(hires))('of a hire %s (case 65)', async (_, { seed, connection, before }) => {
  world = await openWorld(connection === undefined ? {} : { connection })
  const { hibob } = world.sandbox
  before?.(hibob)
  const turn = (how: string) => runCommand(['connections', how, 'acme', 'hibob'], world.env)
  await turn('disable')
  const subject = await world.hire({ email, ...seed })
  const [event] = await world.store.runs.listEvents({ subject, limit: 1 })
  await turn('enable')
  const kept = hibob.employees().length

  const { json } = await runCommand(['preview', event?.id ?? '', '--json'], world.env)
  const [foretold] = (json as { previewed: readonly Foretold[] }).previewed
  expect([hibob.employees().length, world.sandbox.ledger().counts.documents]).toEqual([kept, 0])

  await replayEvent(world.store.runs, event?.id ?? '', { event: () => ['hibob'] })
  const [run] = await world.settled(1)
  const codes = (all: unknown) => (all as Foretold['warnings']).map(({ code }) => code)
  const makes = (title: string) =>
    foretold?.effects.some((one) => one.title === title && one.state === 'would_make') === true
  expect(run?.state).toBe(foretold?.outcome === 'would_park' ? 'parked' : 'done')
  expect(run?.code).toBe(foretold?.code)
  if (run?.state === 'done') expect(codes(run.result?.['warnings'])).toEqual(codes(foretold?.warnings))
  const { counts } = world.sandbox.ledger()
  expect([hibob.employees().length > kept, counts.documents > 0, counts.comments > 0]).toEqual(
    ['Employee in HiBob', 'CV in HiBob', 'Comment in Pinpoint'].map(makes),
  )
})
