/** Cases that HiBob cannot show, against a made-up destination: what it demands, and how it refuses, is declared here. */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import { checkValues } from '../../src/mapping/check.ts'
import { evaluate } from '../../src/mapping/evaluate.ts'
import { readMapping } from '../../src/mapping/mapping.ts'
import { tryMapping } from '../../src/operator/mapping-trial.ts'
import { type Choice, defineIntegration, type HiredApplication, type Target } from '../../src/sdk/index.ts'
import { hireOf } from '../integrations/a-hire.ts'
import { contextOf } from '../integrations/context.ts'

const target = (id: string, given: Partial<Target> = {}): Target => ({
  ...{ id, title: id, group: 'Work', type: 'text', required: false, writable: true },
  ...given,
})
const choice = (name: string, archived = false): Choice => ({ id: name, name, archived, children: [] })
const read = (written: object) => {
  const mapping = readMapping(written)
  if (!mapping.ok) throw new Error(JSON.stringify(mapping.faults))
  return mapping.mapping
}
const checked = (written: object, targets: readonly Target[], hire: Partial<HiredApplication> = {}) =>
  checkValues(evaluate(read(written), { application: hireOf(hire) }), targets)

describe('A destination', () => {
  const startDate = { start: ['offer.startOn', 'application.startOn', 'onboarding.startAt'] }

  it('that demands a start date is not given one that nobody has said; one that does not goes without it (case 4)', () => {
    const hire = { offers: [], hiredAt: '2026-11-24T10:00:00Z' }
    const required = checked(startDate, [target('start', { type: 'date', required: true })], hire)
    expect([required.values, required.gaps]).toMatchObject([[], [{ code: 'no_value', parks: true }]])
    const optional = checked(startDate, [target('start', { type: 'date' })], hire)
    expect([optional.values, optional.gaps]).toMatchObject([[], [{ parks: false }]])
  })

  it('whose list has lost a value that the mapping names is told before anything is sent (case 35)', async () => {
    const written = { office: { from: 'job.location', values: { Springfield: 'North' } } }
    const office = (...choices: readonly Choice[]) =>
      target('office', { type: 'choice', required: true, choices })
    expect(checked(written, [office(choice('North'))]).values).toMatchObject([{ value: 'North' }])
    for (const gone of [office(choice('South')), office(choice('North', true))]) {
      const [gap] = checked(written, [gone]).gaps
      expect(gap).toMatchObject({ code: 'not_a_choice', parks: true })
      expect(gap?.reason).toContain('"North"')
      const trial = { mapping: read(written), defaults: new Map(), targets: [] }
      const given = { fields: [gone], timeZone: undefined }
      const shown = await tryMapping(trial, { application: hireOf() }, given)
      expect(shown[0]?.problem).toMatchObject({ code: 'not_a_choice', parks: true })
    }
  })

  const country = (required: boolean) =>
    target('country', { type: 'choice', required, choices: [choice('JE'), choice('GB')] })
  const living = (name: string) => ({
    address: {
      ...{ line1: undefined, line2: undefined, town: undefined, postcode: undefined, state: undefined },
      ...{ countryCode: undefined, country: name },
    },
  })
  it.each([
    ['Jersey', true, [['JE'], []]],
    ['Atlantis', false, [[], [{ code: 'not_a_choice', parks: false }]]],
    ['Atlantis', true, [[], [{ code: 'not_a_choice', parks: true }]]],
  ] as const)('takes the code of a country: %s, required: %j (case 40)', (name, required, [values, gaps]) => {
    const written = { country: { from: 'candidate.address.country', values: { Jersey: 'JE' } } }
    const result = checked(written, [country(required)], living(name))
    expect(result.values.map(({ value }) => value)).toEqual(values)
    expect(result.gaps).toMatchObject(gaps)
    expect(JSON.stringify(result.gaps)).not.toContain('Atlantis')
  })
})

/** It answers success although it does not know the office, and says so in a member beside. */
function personnel(people: Record<string, string | null>[]) {
  return defineIntegration({
    name: 'personnel',
    title: 'Personnel',
    settings: z.strictObject({}),
    secrets: z.strictObject({}),
    check: async () => [],
    on: {
      async application_hired({ event, ensure, warn }) {
        const record = await ensure({
          ...{ title: 'Person', kind: 'person', key: event.data.email ?? '', readLagSeconds: 0 },
          find: async () => undefined,
          make: async () => {
            people.push({ name: event.data.lastName ?? '', office: null })
            warn('personnel.office_dropped', 'Personnel does not know the office, and left it out.')
            return { id: '1' }
          },
        })
        return { did: 'created', record }
      },
    },
  })
}

it('A destination that drops a value and answers success has made the person, which is told as a warning (case 36)', async () => {
  const people: Record<string, string | null>[] = []
  const warnings: string[] = []
  const integration = personnel(people)
  const result = await integration.on.application_hired?.(contextOf(integration, { warnings }))
  expect([result?.did, people.length, warnings]).toEqual(['created', 1, ['personnel.office_dropped']])
})
