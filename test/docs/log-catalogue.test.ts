// The page of log lines is true because the catalogue reads the source, and refuses what it cannot read.
import { describe, expect, it } from 'vitest'

import { logCatalogue } from '../../scripts/log-catalogue.ts'

const source = (text: string) => [{ path: 'src/room/thing.ts', text }]

describe('The catalogue of log lines', () => {
  it.each([
    ['written out', "log.info({ run: id, ...safeError(error) }, 'ended')", { ended: ['`run`', 'the error'] }],
    [
      'of a table',
      "const texts = { a: 'first', b: 'second' }; log.info({ run }, texts[kind])",
      { first: ['`run`'], second: ['`run`'] },
    ],
    ['given by name', "watch(log, { began: 'lost' }); log.info({}, began)", { lost: [] }],
    [
      'with fields of a const',
      "const fields = { sweep: id }; log.info(fields, 'ended')",
      { ended: ['`sweep`'] },
    ],
  ])('knows a line %s', (_, text, lines) => {
    const wanted = Object.entries(lines).map(([message, fields]) => ({ level: 'info', message, fields }))
    expect(logCatalogue(source(text))).toEqual(wanted)
  })

  it.each([
    ['a message that is put together elsewhere', 'log.info({}, describe(run))'],
    ['fields that it does not know', "log.info(everything, 'ended')"],
  ])('refuses %s', (_, text) => {
    expect(() => logCatalogue(source(text))).toThrow('cannot be read from the source')
  })
})
