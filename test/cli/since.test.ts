// `--since`: days begin in the machine's time zone, as everywhere else that days are printed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { sinceOf } from '../../src/cli/since.ts'

const clock = { ...systemClock, now: () => new Date('2026-07-31T22:30:00Z') }
const since = (text: string) => sinceOf(text, clock).toISOString()

const before = process.env['TZ']
beforeAll(() => {
  process.env['TZ'] = 'Europe/Berlin'
})
afterAll(() => {
  if (before === undefined) delete process.env['TZ']
  else process.env['TZ'] = before
})

describe('in Berlin, half an hour after midnight', () => {
  it.each([
    ['today', '2026-07-31T22:00:00.000Z'],
    ['2026-08-01', '2026-07-31T22:00:00.000Z'],
    ['2026-01-31', '2026-01-30T23:00:00.000Z'],
    ['2026-01-31T09:00Z', '2026-01-31T09:00:00.000Z'],
    ['2026-01-31T09:00+01:00', '2026-01-31T08:00:00.000Z'],
    ['90m', '2026-07-31T21:00:00.000Z'],
  ])('%s is since %s', (text, from) => expect(since(text)).toBe(from))

  it.each(['2026-02-31', '2026-13-01', '2026-08-02', '2026-01-31T09:00', '31.1.2026', 'yesterday', '7'])(
    '%s is no time in the past',
    (text) => expect(() => since(text)).toThrow(`--since ${text} is no time in the past.`),
  )
})
