import { expect, it } from 'vitest'

import { counted, inWords } from '../../src/base/duration.ts'
import { momentText, relativeText } from '../../src/cli/when.ts'

it.each([
  [400, '0 seconds'],
  [1000, '1 second'],
  [90_000, '90 seconds'],
  [120_000, '2 minutes'],
  [36 * 3_600_000, '36 hours'],
  [49 * 3_600_000, '2 days'],
])('%s ms are %s', (milliseconds, words) => {
  expect(inWords(milliseconds)).toBe(words)
})

it('a moment is told from now, and with its zone', () => {
  const now = new Date('2026-11-30T22:31:00Z')
  expect(relativeText(new Date('2026-11-30T22:29:00Z'), now)).toBe('2 minutes ago')
  expect(relativeText(new Date('2026-11-30T22:31:20Z'), now)).toBe('in 20 seconds')
  expect(relativeText(now, now)).toBe('now')
  expect(momentText(now, 'Europe/Berlin')).toBe('30 Nov 2026, 23:31 CET')
})

it('one of something is no plural', () => {
  expect([counted(1, 'run'), counted(2000, 'run'), counted(2, 'delivery', 'deliveries')]).toEqual([
    '1 run',
    '2,000 runs',
    '2 deliveries',
  ])
})
