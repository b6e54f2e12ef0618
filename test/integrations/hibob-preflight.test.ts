// Whether a hire on an open job would go through, where a mapping decides.
import { describe, expect, it } from 'vitest'

import { hibob } from '../../src/integrations/hibob/index.ts'
import { findingsFor } from '../../src/integrations/hibob/preflight.ts'
import { settings as schema } from '../../src/integrations/hibob/settings.ts'
import { openOfJob } from '../../src/mapping/of-job.ts'
import type { Job } from '../../src/sdk/index.ts'
import { readConnectionMapping } from '../../src/tenants/connection-values.ts'

const lists = { site: ['London'], title: ['Engineer'], department: ['Engineering'] }
const job = (changes: Partial<Job> = {}): Job => ({
  ...{ id: '7', visibility: 'external', location: 'London', title: 'Engineer', department: 'Engineering' },
  ...changes,
})

function found(written: object, look: Partial<Job> = {}, given: object = {}) {
  const settings = schema.parse(given)
  const read = readConnectionMapping(hibob, { written: written as Record<string, string> }, settings)
  if (read === undefined || read === 'unreadable') throw new Error('it has a mapping')
  const mapped = openOfJob(read.mapping, { defaults: read.defaults })
  return findingsFor(job(look), { settings, mapped }, lists).map(({ would, what }) => `${would} ${what}`)
}

it('An open job is told with what is near in HiBob’s list', () => {
  const settings = schema.parse({})
  const of = (look: Partial<Job>) => findingsFor(job(look), { settings }, lists).map(({ because }) => because)
  expect(of({ title: 'Enginer', department: 'Bakery' })).toEqual([
    'The title "Enginer" would be left out: it is not in HiBob’s list (did you mean "Engineer"?).',
    'The department "Bakery" would be left out: it is not in HiBob’s list.',
  ])
})

describe('An open job, judged through the mapping', () => {
  const office = { 'work.site': { from: 'job.location', values: { Leeds: 'London' } } }

  it('goes through where the mapping has a value that HiBob knows', () => {
    expect(found(office, { location: 'Leeds' })).toEqual([])
    expect(found({ 'work.site': { constant: 'London' } }, { location: 'Bergen' })).toEqual([])
    expect(found({ 'work.department': { constant: 'Engineering' } }, { department: 'Bakery' })).toEqual([])
  })

  it('parks where it has another one, or none for a required field', () => {
    expect(found(office, { location: 'Bergen' })).toEqual(['park Site'])
    expect(found({ 'work.site': { constant: 'Paris' } })).toEqual(['park Site'])
    expect(
      found({ 'work.site': { ...office['work.site'], otherwise: 'park' } }, { location: 'Paris' }),
    ).toEqual(['park Site'])
  })

  it('parks for a title or department only where the mapping says so', () => {
    const title = { from: 'job.title', values: { Baker: 'Cook' } }
    expect(found({ 'work.title': title }, { title: 'Baker' })).toEqual(['leave_out Title'])
    expect(found({ 'work.title': { ...title, otherwise: 'park' } }, { title: 'Baker' })).toEqual([
      'park Title',
    ])
    expect(found({ 'work.title': { ...title, otherwise: 'park' } }, { title: 'Chef' })).toEqual([
      'park Title',
    ])
    expect(found({ 'work.title': { ...title, otherwise: 'leave-out' } }, { title: 'Chef' })).toEqual([])
  })

  it('goes by the settings for a field that is not mapped', () => {
    const settings = { sites: { Leeds: 'London' } }
    const mapping = { 'work.title': 'default' }
    expect(found(mapping, { location: 'Leeds' }, settings)).toEqual([])
    expect(found(mapping, { location: 'Bergen', title: 'Baker' }, settings)).toEqual([
      'park Site',
      'leave_out Title',
    ])
  })

  it('is not judged by what only a hire has', () => {
    const mapping = {
      'work.site': ['application.custom["Office"]', 'job.location'],
      'work.department': 'job.division',
    }
    expect(found(mapping, { location: 'Bergen' })).toEqual([])
  })
})
