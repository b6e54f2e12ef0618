/** What has changed in a destination since a mapping was written. */
import { describe, expect, it } from 'vitest'

import type { SettingsOfParts } from '../../src/mapping/against.ts'
import { customFieldDrift, customFieldsRead, driftOf } from '../../src/mapping/drift.ts'
import { readMapping } from '../../src/mapping/mapping.ts'
import type { Choice, Target } from '../../src/sdk/index.ts'

const field = (id: string, given: Partial<Target> = {}): Target => ({
  ...{ id, title: id.toUpperCase(), group: 'Work', type: 'text', required: false, writable: true },
  ...given,
})
const item = (name: string, archived = false, children: readonly Choice[] = []): Choice => ({
  ...{ id: `id of ${name}`, name, archived, children },
})
const site = field('site', {
  type: 'choice',
  required: true,
  choices: [
    item('London'),
    item('Paris', true),
    item('EMEA', false, [item('Sales')]),
    item('USA', false, [item('Sales')]),
  ],
})

function driftFor(
  written: object,
  fields: readonly Target[],
  given: {
    readonly defaults?: object
    readonly targets?: readonly Target[]
    readonly settings?: SettingsOfParts
  } = {},
) {
  const read = (one: object) => {
    const mapping = readMapping(one)
    if (!mapping.ok) throw new Error(JSON.stringify(mapping.faults))
    return mapping.mapping
  }
  const { defaults = {}, targets = [], settings } = given
  return driftOf({ mapping: read(written), defaults: read(defaults), targets, settings }, fields)
}

const drift = (...given: Parameters<typeof driftFor>) => driftFor(...given).map(({ because }) => because)
const mends = (...given: Parameters<typeof driftFor>) => driftFor(...given).map(({ mend }) => mend)

describe('A mapping that fits', () => {
  it('has no finding, whatever hires may bring', () => {
    const written = {
      site: { from: 'job.location', values: { HQ: 'london' }, otherwise: { value: 'id of London' } },
      size: 'candidate.phone',
    }
    expect(drift(written, [site, field('size')])).toEqual([])
    expect(drift({}, [site], { defaults: { site: 'job.location' } })).toEqual([])
  })
})

describe('A mapping that does not fit any more', () => {
  it('names a field that is gone, with what it may be called now, and one that takes nothing', () => {
    const fields = [field('work.custom.field_16'), field('work.fixed', { writable: false })]
    expect(drift({ 'work.custom.field_17': 'job.title', 'work.fixed': 'job.title' }, fields)).toEqual([
      'The destination has no field work.custom.field_17 any more, so it is left out. Did you mean work.custom.field_16? Remove it from the mapping, or map another field.',
      'WORK.FIXED (work.fixed) takes no value. Remove it from the mapping, or map another field.',
    ])
  })

  it('names a field that is required now and that nothing fills', () => {
    expect(drift({}, [field('badge', { required: true }), field('other')])).toEqual([
      'BADGE (badge) is required now, and the mapping does not fill it, so hires park. Map it.',
    ])
    // What a destination demands without showing it.
    expect(drift({}, [], { targets: [field('badge', { required: true })] })).toHaveLength(1)
  })

  it.each([
    [
      { constant: 'Londn' },
      '"Londn", which is the constant of SITE (site), is not in its list. Did you mean "London"?',
    ],
    [
      { from: 'job.location', values: { HQ: 'Paris', Rome: 'London' } },
      '"Paris", which is a result in the table of values of SITE (site), is archived in its list.',
    ],
    [
      { from: 'job.location', otherwise: { value: 'Sales' } },
      '"Sales", which is the `otherwise` of SITE (site), is several items of its list: name one by its id.',
    ],
  ])('names a text of its own that the list does not have: %j', (rule, finding) => {
    expect(drift({ site: rule }, [site])).toEqual([finding])
  })

  it('names those of the settings, too, as long as they count', () => {
    const defaults = { site: { from: 'job.location', values: { HQ: 'Atlantis' } } }
    expect(drift({}, [site], { defaults })).toHaveLength(1)
    const settings = { site: { values: 'sites' } }
    expect(drift({}, [site], { defaults, settings })).toEqual([
      '"Atlantis", which the setting `sites` says for SITE (site), is not in its list.',
    ])
    expect(drift({ site: 'job.location' }, [site], { defaults })).toEqual([])
  })

  it('comes with the line that mends it, in the words of the mapping or of the setting', () => {
    expect(mends({ site: { constant: 'Londn' } }, [site])).toEqual(['site: { constant: London }'])
    const values = { HQ: 'Londn', 'New York': 'Londn', Rome: 'Paris' }
    expect(mends({ site: { from: 'job.location', values, otherwise: { value: 'Sales' } } }, [site])).toEqual([
      'HQ: London # in the values of site\nNew York: London # in the values of site',
      'Rome: … # in the values of site',
      'otherwise: { value: id of Sales } # of site',
    ])
    const defaults = { site: { from: 'job.location', values: { HQ: 'Londn' } } }
    expect(mends({}, [site], { defaults, settings: { site: { values: 'sites' } } })).toEqual([
      'HQ: London # in the setting `sites`',
    ])
    expect(mends({}, [field('badge', { required: true })])).toEqual(['badge: { constant: … }'])
    const fields = [field('work.custom.field_16'), field('start', { type: 'date' })]
    expect(mends({ 'work.custom.field_17': 'job.title' }, fields)).toEqual([
      'work.custom.field_16: … # instead of work.custom.field_17',
    ])
    // Nobody can tell which day was meant.
    expect(mends({ start: { constant: 'soon' } }, fields)).toEqual([undefined])
  })

  it('says nothing of a list that is not shown', () => {
    expect(drift({ site: { constant: 'Atlantis' } }, [field('site', { type: 'choice' })])).toEqual([])
  })
})

describe('Custom fields that a mapping reads', () => {
  const fields = [
    { name: 'T-shirt size', of: 'application' },
    { name: 'Grade', of: 'job' },
    { name: 'Badge', of: undefined },
  ]
  const findings = (written: object) => {
    const read = readMapping(written)
    if (!read.ok) throw new Error(JSON.stringify(read.faults))
    return customFieldDrift(customFieldsRead(read.mapping), fields).map(({ because }) => because)
  }

  it('are those of Pinpoint, however their letters are written', () => {
    expect(
      findings({
        size: 'application.custom["t-shirt SIZE"]',
        grade: { template: '{job.custom["Grade"]}' },
        badge: 'candidate.custom["Badge"]',
      }),
    ).toEqual([])
    expect(findings({ title: 'job.title' })).toEqual([])
  })

  it('are told where Pinpoint has none of the name for the same owner, with what may have been meant', () => {
    expect(
      findings({ size: ['application.custom["Tshirt size"]', 'job.title'], grade: 'offer.custom["Grade"]' }),
    ).toEqual([
      'Pinpoint has no custom field application.custom["Tshirt size"], which size is filled from. Did you mean application.custom["T-shirt size"]?',
      'Pinpoint has no custom field offer.custom["Grade"], which grade is filled from.',
    ])
  })
})
