// The page of errors is true because the catalogue reads the source, and refuses what it cannot read.
import { describe, expect, it } from 'vitest'

import { errorCatalogue } from '../../scripts/error-catalogue.ts'

const source = (text: string) => [{ path: 'src/room/thing.ts', text }]

describe('The catalogue of errors', () => {
  it('knows a failure, its class, its message with placeholders and its fix', () => {
    const text = "throw new NeedsPerson('room.no_site', `No site ${site.name}.`, { fix: 'Set `site`.' })"
    expect(errorCatalogue(source(text))).toEqual([
      {
        code: 'room.no_site',
        disposition: 'NeedsPerson',
        messages: ['No site {name}.'],
        fixes: ['Set `site`.'],
        files: ['src/room/thing.ts'],
      },
    ])
  })

  it('knows subclasses, whether they take the code or give it themselves', () => {
    const text = `
      class Taken extends RetryLater {}
      class Away extends Taken { constructor() { super('room.away', 'Away.') } }
      throw new Taken('room.taken', 'Taken.')
      throw new Away()`
    expect(errorCatalogue(source(text)).map(({ code, disposition }) => [code, disposition])).toEqual([
      ['room.away', 'RetryLater'],
      ['room.taken', 'RetryLater'],
    ])
  })

  it('knows warnings and what a run can end with', () => {
    const text =
      "warn('room.left_out', 'Left out.'); const end = { state: 'parked', code: 'room.end', reason: 'Over.' }"
    expect(errorCatalogue(source(text)).map(({ code, disposition }) => [code, disposition])).toEqual([
      ['room.end', 'NeedsPerson'],
      ['room.left_out', 'warning'],
    ])
  })

  it('knows codes that are chosen from a table of pairs', () => {
    const text = `
      const table = { a: ['room.full', 'Full.'] }
      const away = ['room.away', 'Away.']
      const [code, message] = table[key] ?? away
      throw new RetryLater(code, message)`
    expect(errorCatalogue(source(text)).map(({ code }) => code)).toEqual(['room.away', 'room.full'])
  })

  it.each([
    ['a code that is put together at run time', 'throw new Refused(code, "No.")'],
    ['a code with a part that varies', 'throw new Refused(`room.${what}_gone`, "No.")'],
    ['a code of another shape', "throw new Refused('Gone', 'No.')"],
    ['a failure without a code', 'throw new Refused()'],
    ['a warning whose code is passed on', 'context.warn(given.code, given.message)'],
  ])('refuses %s', (_, text) => {
    expect(() => errorCatalogue(source(text))).toThrow('cannot be read from the source')
  })

  it('refuses one code in two classes', () => {
    const text = "throw new Refused('room.gone', 'No.'); throw new RetryLater('room.gone', 'Later.')"
    expect(() => errorCatalogue(source(text))).toThrow('one code has one class')
  })
})
