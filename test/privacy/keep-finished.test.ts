import { describe, expect, it } from 'vitest'

import { readDeclaration } from '../../src/tenants/declaration.ts'
import { keepFinishedText } from '../../src/tenants/retention.ts'

const keptFor = (keepFinishedFor: unknown) => {
  const pinpoint = { subdomain: 'a', apiKey: 'k', signingSecrets: ['s'] }
  const text = JSON.stringify({ tenants: [{ slug: 'a', pinpoint, keepFinishedFor }] })
  return readDeclaration(text, { integrations: [], variables: {} }).tenants[0]?.keepFinishedFor
}

describe('How long finished work is kept', () => {
  it('is 400 days unless the file says otherwise, and told in the words it was written in', () => {
    expect(keepFinishedText(keptFor(undefined)!)).toBe('400d')
    for (const text of ['90d', '2160h', '3650d', 'forever'])
      expect(keptFor(keepFinishedText(keptFor(text)!))).toBe(keptFor(text))
    expect(keptFor('forever')).toBe('forever')
  })

  it.each(['89d', '3651d', '400', 'never', ''])('is not "%s"', (text) => {
    expect(() => keptFor(text)).toThrow('must be forever, or a duration from 90d to 3650d')
  })
})
