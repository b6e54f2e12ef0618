import { expect, it } from 'vitest'

import { runCli } from '../../src/cli/cli.ts'
import { withColours } from '../../src/cli/colours.ts'
import type { Command } from '../../src/cli/command.ts'
import { table } from '../../src/cli/table.ts'

const [green, yellow, red, off] = ['\u001b[32m', '\u001b[33m', '\u001b[31m', '\u001b[0m']

it('the states of a list have colours, and nothing else in it', () => {
  const rows = ['done: created', 'parked 2 days', 'refused', 'queued 1 minute', 'done-and-dusted']
  const list = table(
    ['WHO', 'STATE'],
    rows.map((state) => ['done', state]),
  )
  expect(withColours(`${list}\n\nparked is a word.`).split('\n')).toEqual([
    'WHO   STATE',
    `done  ${green}done${off}: created`,
    `done  ${yellow}parked${off} 2 days`,
    `done  ${red}refused${off}`,
    'done  queued 1 minute',
    'done  done-and-dusted',
    '',
    'parked is a word.',
  ])
})

it('verdicts at the head of a line have colours', () => {
  expect(withColours('ok    Clock\nFAIL  Queue')).toBe(`${green}ok${off}    Clock\n${red}FAIL${off}  Queue`)
})

const list: Command = {
  name: 'list',
  summary: 'List',
  examples: ['list'],
  prints: 'data',
  database: 'none',
  run: () => Promise.resolve({ data: ['parked'], text: table(['WHO', 'STATE'], [['\u001b[2J', 'parked']]) }),
}

it.each([
  [['list'], true, 'WHO  STATE\n [2J  \u001b[33mparked\u001b[0m\n'],
  [['list'], false, 'WHO   STATE\n [2J  parked\n'],
  [['list', '--json'], true, '[\n  "parked"\n]\n'],
])('%j prints colours only where they are wanted (%s), and never as JSON', async (line, colours, printed) => {
  let out = ''
  await runCli(line, {
    ...{ version: '0', commands: [list], environment: {}, signal: new AbortController().signal, colours },
    write: { out: (text) => (out += text), err: () => {} },
  })
  expect(out.replace(/ +STATE/, ' STATE')).toBe(printed.replace(/ +STATE/, ' STATE'))
})
