// A mapping in the file of tenants, and what is said when it is wrong.
import { describe, expect, it } from 'vitest'

import { hibob } from '../../src/integrations/hibob/index.ts'
import { webhook } from '../../src/integrations/webhook/index.ts'
import { mappingFaults } from '../../src/tenants/mapping-faults.ts'

const faults = (mapping: object, settings: object = {}) =>
  mappingFaults(hibob, { mapping, settings }).map(({ target, problem }) => `${target} ${problem}`)

describe('A mapping for HiBob', () => {
  it('may fill the usual fields, phones, and those that the company has added', () => {
    expect(
      faults({
        'work.site': { from: 'job.location', values: { Leeds: 'North' }, otherwise: 'park' },
        'work.startDate': ['offer.startOn', 'application.hiredAt|plusDays(14)'],
        'home.mobilePhone': 'candidate.phone',
        'work.reportsTo': { from: 'job.hiringManager.email', find: 'employee', otherwise: 'park' },
        'root.email': { template: '{candidate.firstName|slug}@acme.example' },
        'work.custom.field_1644932887286': 'application.custom["Grade"]',
      }),
    ).toEqual([])
  })

  it.each([
    [
      { 'work.titel': 'job.title' },
      {},
      'work.titel is not a field of the destination. Did you mean work.site, or work.title?',
    ],
    [
      { 'work.title': 'job.titel' },
      {},
      'work.title names an unknown source "job.titel". Did you mean job.title',
    ],
    [
      { 'home.phone': 'candidate.phone' },
      {},
      'Did you mean home.privatePhone, or home.mobilePhone, or emergency.phone?',
    ],
    [
      { 'root.lastName': 'candidate.lastName' },
      {},
      'root.lastName is not a field of the destination. Did you mean root.surname?',
    ],
    [{ 'address.zip': 'candidate.address.postcode' }, {}, 'Did you mean address.postCode?'],
    [
      { 'personal.birthDate': 'candidate.firstName|trim|nextWorkingDay' },
      {},
      'personal.birthDate uses nextWorkingDay, which needs a day, on candidate.firstName, which never is one: write candidate.firstName|trim, or a source that is a day, such as offer.startOn',
    ],
    [{ 'about.about': { template: 'On {job.title|plusDays(2)}' } }, {}, 'write job.title, or a source'],
    [{ 'work.reportsTo': 'job.hiringManager.email' }, {}, 'work.reportsTo names a person: it needs `from`'],
    [{ 'work.reportsTo': { template: '{job.title}@acme.example' } }, {}, 'work.reportsTo names a person'],
    [
      { 'work.site': 'job.location' },
      { site: 'HQ', sites: { Leeds: 'North' } },
      'work.site is decided by site and sites in the settings as well: keep one of them',
    ],
    [
      { 'work.startDate': 'offer.startOn' },
      { startDateRule: 'park' },
      'work.startDate is decided by startDateRule',
    ],
    [
      { 'home.mobilePhone': { from: 'job.hiringManager.email', find: 'employee' } },
      {},
      'home.mobilePhone is no field that names a person',
    ],
  ])('is refused with what is wrong: %j', (mapping, settings, fault) => {
    expect(faults(mapping, settings).join()).toContain(fault)
  })
})

it('all that is wrong is told at once, of rules that can be read and of others', () => {
  const mapping = {
    'work.titel': 'job.titel',
    'work.reportsTo': 'job.hiringManager.email',
    'about.about': 'job.title|nextWorkingDay',
    'personal.birthDate': 'application.custom["Born"]|nextWorkingDay',
  }
  expect(faults(mapping).map((one) => one.split(' ').slice(0, 4).join(' '))).toEqual([
    'work.titel is not a',
    'work.titel names an unknown',
    'work.reportsTo names a person:',
    'about.about uses nextWorkingDay, which',
  ])
})

it('an integration that knows no fields takes no mapping', () => {
  expect(mappingFaults(webhook, { mapping: {} })).toEqual([
    { target: '', problem: 'cannot be given: Webhook takes no mapping' },
  ])
})
