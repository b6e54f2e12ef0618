import fc from 'fast-check'
import { expect, it } from 'vitest'

import { NeedsPerson, Refused } from '../../src/base/failure.ts'
import { mostOfSentence, mostQuoted, quoted, sentence } from '../../src/base/plain-text.ts'
import { table } from '../../src/cli/table.ts'
import { settlementOf } from '../../src/worker/settlement.ts'

const steering = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|\p{Cs}/u
const foreign = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc
    .array(
      fc.constantFrom(
        '\u001b[2J',
        '\u001b]0;pwned\u0007',
        '\n',
        '\u202e',
        '\u2028',
        '\u009b31m',
        'a',
        'é',
        '👍🏽',
      ),
      {
        maxLength: 300,
      },
    )
    .map((parts) => parts.join('')),
)

it('M4: foreign text is quoted on one line, without what steers, in at most 80 characters', () => {
  fc.assert(
    fc.property(foreign, (text) => {
      const shown = quoted(text)
      expect(shown).not.toMatch(steering)
      expect(Array.from(shown).length).toBeLessThanOrEqual(mostQuoted + 2)
    }),
  )
  expect(quoted('Offer accepted')).toBe('"Offer accepted"')
  expect(quoted('x'.repeat(9_000_000))).toBe(`"${'x'.repeat(79)}…"`)
  expect(quoted('👍'.repeat(80))).toBe(`"${'👍'.repeat(80)}"`)
  expect(quoted('👍'.repeat(81))).toBe(`"${'👍'.repeat(79)}…"`)
})

it('M4: what a run tells of a failure is bounded, whatever an integration puts into it', () => {
  const text = `Stage \u001b[2J\nrun_fake  good  done ${'x'.repeat(9_000_000)}`
  const at = { now: new Date(), chance: 0 }
  const parked = settlementOf(
    new NeedsPerson('x.odd', text, { fix: text }),
    { failures: 0, firstFailedAt: undefined },
    at,
  )
  const refused = settlementOf(new Refused('x.odd', text), { failures: 0, firstFailedAt: undefined }, at)
  for (const shown of [parked, refused].flatMap((end) => [
    'reason' in end ? end.reason : '',
    'fix' in end ? end.fix : 'none',
  ])) {
    expect(shown).not.toMatch(steering)
    expect(Array.from(shown).length).toBeLessThanOrEqual(mostOfSentence)
  }
  expect(sentence('A sentence.')).toBe('A sentence.')
})

it('M4: no cell of a table ends its row or reaches the terminal as anything but text', () => {
  const rows = table(
    ['run', 'why'],
    [
      ['run_1', 'Stage \u001b[2J\nrun_fake  good'],
      ['run_2', 'plain'],
    ],
  ).split('\n')
  expect(rows).toHaveLength(3)
  expect(rows[1]).toMatch(/^run_1 +Stage {2}\[2J run_fake {2}good$/)
})
