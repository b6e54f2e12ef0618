import { describe, expect, it } from 'vitest'

import { preciseMoment } from '../../src/base/clock.ts'
import { hasColours, logStyleOf } from '../../src/config/logging.ts'
import { asText } from '../../src/observe/log-text.ts'

const time = '2026-11-30T20:24:55.123Z'
const local = preciseMoment(new Date(time))
const plain = { colour: false, places: false }
const text = (entry: object, options = plain) =>
  asText(`${JSON.stringify({ level: 40, time, ...entry })}\n`, options)

describe('A log line as text', () => {
  it('has local time, level, message and fields', () => {
    expect(text({ msg: 'run done', run: 'run_1', tries: 2, why: 'two words', keys: ['a'] })).toBe(
      `${local} warn  run done run=run_1 tries=2 why="two words" keys=["a"]\n`,
    )
  })

  it('tells of an error its code and first line, and where it was thrown only if nobody expects it', () => {
    const at = ['at x (y.ts:1:1)']
    expect(text({ msg: 'lost', error: 'Error', code: 'ECONNRESET', at })).toBe(
      `${local} warn  lost error=Error code=ECONNRESET\n`,
    )
    expect(text({ msg: 'lost', code: 'config.invalid', text: 'One line.\nAnother.' })).toBe(
      `${local} warn  lost code=config.invalid text="One line."\n`,
    )
    const thrown = [
      text({ msg: 'bug', error: 'TypeError', at }),
      text({ msg: 'bug', error: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', at }),
      text({ msg: 'lost', error: 'Error', code: 'ECONNRESET', at }, { colour: false, places: true }),
    ]
    for (const lines of thrown) expect(lines.split('\n')[1]).toBe('    at x (y.ts:1:1)')
  })

  it('colours the level only, and only where it is told to', () => {
    expect(text({ msg: 'm' }, { colour: true, places: false })).toBe(`${local} \u001b[33mwarn \u001b[0m m\n`)
  })

  it('steers no terminal, whatever a value holds', () => {
    const lines = text({ msg: 'a\u001b[2Jb', name: '\u001b]0;x\u0007', list: ['\u009b31m', '\u202e'] })
    expect(lines.trimEnd()).not.toMatch(/\p{Cc}|\p{Cf}/u)
    expect(lines.split('\n')).toHaveLength(2)
  })
})

it.each([
  [{}, true, { format: 'text', colour: true }],
  [{}, false, { format: 'json', colour: false }],
  [{ LOG_FORMAT: 'text' }, false, { format: 'text', colour: false }],
  [{ LOG_FORMAT: 'json' }, true, { format: 'json', colour: true }],
  [{ NO_COLOR: '1' }, true, { format: 'text', colour: false }],
])('with %j, on a terminal: %s, the log is %j', (env, onTerminal, style) => {
  expect(logStyleOf(env, onTerminal)).toEqual(style)
})

it.each([
  [{ NO_COLOR: '' }, true],
  [{ NO_COLOR: '0' }, false],
  [{ TERM: 'dumb' }, false],
])('with %j a terminal has colours: %s', (env, colours) => {
  expect(hasColours(env, true)).toBe(colours)
})
