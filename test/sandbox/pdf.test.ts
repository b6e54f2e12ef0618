/** The generated CV is a PDF whose table of contents points where it says, at any size. */
import { expect, test } from 'vitest'

import { tinyPdf } from '../../sandbox/index.ts'

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

test.each([0, 2_000, 6 * 1024 * 1024])(
  'every offset of a PDF of at least %i bytes points at its object',
  (size) => {
    const file = text(tinyPdf('CV (final) of Zoë', size))
    expect(file.length).toBeGreaterThanOrEqual(size)
    expect(file.startsWith('%PDF-')).toBe(true)
    const start = Number(/startxref\n(\d+)/.exec(file)?.[1])
    const table = file.slice(start)
    expect(table.startsWith('xref\n')).toBe(true)
    const offsets = [...table.matchAll(/^(\d{10}) 00000 n /gm)].map((row) => Number(row[1]))
    expect(offsets.length).toBeGreaterThanOrEqual(5)
    offsets.forEach((offset, at) => expect(file.slice(offset).startsWith(`${at + 1} 0 obj`)).toBe(true))
  },
)

test('the same text gives the same bytes and another text gives others', () => {
  expect(tinyPdf('one')).toEqual(tinyPdf('one'))
  expect(tinyPdf('one')).not.toEqual(tinyPdf('two'))
})
