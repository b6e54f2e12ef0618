/** Each field of a new employee, by a service user who may not edit it or not view it: it is named on the run, and no other one. */
import { describe, expect, it } from 'vitest'

import { mayEdit, mayView } from '../../sandbox/hibob/rights.ts'
import type { CompanySeed } from '../../sandbox/hibob/seed.ts'
import { required } from '../../src/integrations/hibob/field-rules.ts'
import { hireInBob } from '../contracts/open-clients.ts'
import { openSandbox } from '../sandbox/open.ts'
import {
  everyTarget,
  groupOf,
  managerAttribute,
  namedIn,
  sentWithCreate,
  usualCompany,
} from '../support/every-target.ts'

async function hiredWith(rights: Omit<CompanySeed, 'name'>) {
  const sandbox = await openSandbox()
  const company = sandbox.hibob.configure('acme', { ...usualCompany, ...rights })
  sandbox.hibob.addEmployee({ email: 'grace@corp.example', firstName: 'Grace' })
  const { id } = sandbox.pinpoint.addApplication({
    ...{ firstName: 'Ada', email: 'ada@example.com', cv: null },
    customAttributes: { [managerAttribute]: 'grace@corp.example' },
  })
  const told: { code: string; message: string }[] = []
  await hireInBob(sandbox, id, {
    onWarning: (code, message) => void told.push({ code, message }),
    mapping: everyTarget(usualCompany),
    settings: { site: 'New York (Demo)' },
  })
  expect(sandbox.ledger().counts.employees).toBe(1)
  expect(sandbox.calls.count('hibob', 'people.create')).toBe(1)
  return { company, told, text: told.map(({ message }) => message).join('\n') }
}

describe('A hire with all fields mapped', () => {
  it('is all in HiBob when the service user may edit and view them', async () => {
    expect((await hiredWith({})).told).toEqual([])
  })

  it.each(sentWithCreate.filter((id) => !required.has(id)))('without the edit of %s', async (right) => {
    const { company, told, text } = await hiredWith({ uneditableFields: [right] })
    const dropped = sentWithCreate.filter((id) => !required.has(id) && !mayEdit(company, id))
    expect(dropped).toContain(right)
    expect(namedIn(text)).toEqual(dropped.toSorted())
    expect(told).toHaveLength(1)
    expect(text).toContain(groupOf(right))
  })

  // The site is shown by its id as well.
  it.each(sentWithCreate.filter((id) => id !== 'work.site'))('without the view of %s', async (right) => {
    const { company, text } = await hiredWith({ hiddenFields: [right] })
    const hidden = sentWithCreate.filter((id) => !mayView(company, id))
    expect(hidden).toContain(right)
    expect(namedIn(text)).toEqual(expect.arrayContaining(hidden))
    expect(text).toContain(groupOf(right))
  })
})
