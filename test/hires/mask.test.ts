import { expect, it } from 'vitest'

import { maskedDetails } from '../../src/hires/mask.ts'

const masked = (name: string) => maskedDetails({ name, email: null, jobTitle: null }).name

it.each([
  ['Ada Example', 'A•• E••••••'],
  ['Zoë O’Sample-Test', 'Z•• O•’S•••••-T•••'],
  // The accent is a character of its own.
  ['Zoe\u0308', 'Z••'],
  ['J', 'J•'],
  ['\u{1F468}\u200D\u{1F469}\u200D\u{1F467}', '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}'],
  ['Wolfeschlegelsteinhausen', 'W••••••••'],
])('%s is shown as %s', (name, shown) => {
  expect(masked(name)).toBe(shown)
})

it('an e-mail and a title are masked likewise, and what is not there stays so', () => {
  expect(maskedDetails({ name: null, email: 'ada1@example.com', jobTitle: 'Site Engineer II' })).toEqual({
    name: null,
    email: 'a•••@e••••••.c••',
    jobTitle: 'S••• E••••••• I•',
  })
})
