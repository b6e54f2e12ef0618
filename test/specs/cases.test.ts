// Each case on the page has a test with its number in the title, or says why it has none.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const rows = Array.from(
  readFileSync(join(import.meta.dirname, 'cases.md'), 'utf8').matchAll(/^\| (\d+) +\|[^|]+\|([^|]+)\|$/gm),
  ([, number, note = '']) => ({ number: Number(number), untested: note.includes('**No test:**') }),
)
const tested = new Set(
  globSync('test/**/*.test.ts', { cwd: root }).flatMap((path) =>
    Array.from(
      readFileSync(join(root, path), 'utf8').matchAll(/\bcases? (\d+(?:, \d+)*)\)['"`]/g),
      ([, numbers = '']) => numbers.split(', ').map(Number),
    ).flat(),
  ),
)

it('The page has all of them', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 65 }, (_, index) => index + 1))
})

it('Those that have no test are those that say so', () => {
  const without = rows.filter(({ number }) => !tested.has(number)).map(({ number }) => number)
  expect(without).toEqual(rows.filter(({ untested }) => untested).map(({ number }) => number))
})
