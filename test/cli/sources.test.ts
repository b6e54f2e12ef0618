// `sources list`: what may be mapped, and what one hire has of it; masked, or in clear on the record.
import { afterEach, describe, expect, it } from 'vitest'

import { runCommand } from '../support/command-line.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const sourcesList = (...words: readonly string[]) => runCommand(['sources', 'list', ...words], world.env)

interface Listed {
  readonly sources: readonly { readonly id: string; readonly value: string | null }[]
}
const valueIn = (out: string, id: string) =>
  (JSON.parse(out) as Listed).sources.find((one) => one.id === id)?.value

describe('sources list', () => {
  it('names every source, with the fields that the customer has added', async () => {
    world = await openWorld({ service: false })
    const customFields = [{ name: 'T-shirt size', resourceType: 'application' }]
    world.sandbox.pinpoint.addTenant({ subdomain: 'acme', customFields })
    const { code, out } = await sourcesList('--tenant', 'acme')
    expect(code).toBe(0)
    expect(out).toContain('candidate.firstName')
    expect(out).toContain('application.custom["T-shirt size"]')
    world.sandbox.faults.add({ system: 'pinpoint', operation: 'custom_fields.list', effect: { status: 403 } })
    expect((await sourcesList('--tenant', 'acme')).out).toContain('Custom Field: Read')
  })

  it('masks what says something of a person, be it a date or a boolean, and nothing that says something of the organisation', async () => {
    world = await openWorld({ service: false })
    const { id } = world.sandbox.pinpoint.addApplication({
      job: { title: 'Lead Engineer', department: 'Platform', customAttributes: { 'Cost centre': '4711' } },
      offers: [{ result: 'accepted', startOn: '2027-02-01', jobTitle: 'Lead' }],
    })
    const { out } = await sourcesList('--tenant', 'acme', '--application', id, '--json')
    const shown = {
      'application.id': id,
      'job.title': 'Lead Engineer',
      'job.department': 'Platform',
      'job.employmentType': 'full_time',
      'job.custom["Cost centre"]': '4711',
      'offer.jobTitle': 'Lead',
      'offer.startOn': '2•••-0•-0•',
      'candidate.internal': 'f••••',
    }
    expect(Object.keys(shown).map((source) => [source, valueIn(out, source)])).toEqual(Object.entries(shown))
  })

  it('shows the values of one hire masked, and in clear only once that is noted', async () => {
    world = await openWorld({ service: false })
    const { id } = world.sandbox.pinpoint.addApplication({
      firstName: 'Ada',
      customAttributes: { 'T-shirt size': 'Medium' },
    })
    const masked = await sourcesList('--tenant', 'acme', '--application', id, '--json')
    expect(valueIn(masked.out, 'candidate.firstName')).toBe('A••')
    expect(valueIn(masked.out, 'application.custom["T-shirt size"]')).toBe('M•••••')
    expect(valueIn(masked.out, 'onboarding.startAt')).toBeNull()
    expect((await world.store.database.pool.query('select from audit')).rowCount).toBe(0)

    const clear = await sourcesList('--tenant', 'acme', '--application', id, '--reveal', '--json')
    expect(valueIn(clear.out, 'candidate.firstName')).toBe('Ada')
    const { rows } = await world.store.database.pool.query('select action, tenant, subjects from audit')
    expect(rows).toEqual([{ action: 'hires.reveal', tenant: 'acme', subjects: [id] }])
  })

  it('says what Pinpoint refuses to send along', async () => {
    world = await openWorld({ service: false })
    world.sandbox.pinpoint.addTenant({ subdomain: 'acme', refusedIncludes: ['onboarding_application'] })
    const { id } = world.sandbox.pinpoint.addApplication()
    const { out } = await sourcesList('--tenant', 'acme', '--application', id)
    expect(out).toContain(
      'does not send along to this API key: the onboarding, the answers of the onboarding.',
    )
  })

  it.each([
    [['--tenant', 'nobody'], 1, 'There is no tenant "nobody".'],
    [[], 64, "missing required argument 'TENANT'"],
    [['--tenant', 'acme', '--application', '1'], 1, 'Pinpoint does not know application 1'],
  ])('says what is wrong: %j', async (words, code, sentence) => {
    world = await openWorld({ service: false })
    const ended = await sourcesList(...words)
    expect(ended.code).toBe(code)
    expect(ended.err).toContain(sentence)
  })

  it('says what Pinpoint refuses as such', async () => {
    world = await openWorld({ service: false })
    world.sandbox.pinpoint.addTenant({ subdomain: 'acme', enabled: false })
    const ended = await sourcesList('--tenant', 'acme', '--application', '1')
    expect(ended.code).toBe(2)
    expect(ended.err).toContain('permission')
  })
})
