// The attacks that once succeeded, by their numbers, and those of the threat model: each has a test, and what is named as one is there.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

import { describe, expect, it } from 'vitest'

import { variableNames } from '../../src/config/environment.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

const page = 'docs/security/threat-model.md'
/** Attack, what stops it, and its tests: the tables from here on. */
const tables = read(page).split('## A stranger')[1] ?? ''
const attacks = Array.from(
  tables.matchAll(/^\|([^|]+)\|[^|]+\|([^|]+)\|$/gm),
  ([, attack = '', tests = '']) => ({
    attack: attack.trim(),
    tests: tests.trim(),
  }),
).filter(({ tests }) => tests !== 'test' && !/^-+$/.test(tests))

describe('The threat model', () => {
  it('is found by these tests', () => {
    expect(attacks.length).toBeGreaterThan(30)
  })

  it.each(attacks)('names tests of “$attack” that exist', ({ tests }) => {
    const named = Array.from(tests.matchAll(/\]\(([^)]+)\)/g), ([, path = '']) =>
      normalize(join(dirname(page), path)),
    )
    expect(named).not.toEqual([])
    expect(
      named.filter((path) => !/^test\/.+\.test\.ts$/.test(path) || !existsSync(join(root, path))),
    ).toEqual([])
  })
})

const numbers = Object.entries({ H: 4, M: 10, L: 14 }).flatMap(([letter, count]) =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
)
const tests = globSync('test/**/*.test.ts', { cwd: root }).map(read)

it.each(numbers)(
  '%s, an attack that once succeeded, stands in the title of a test or the head of its file',
  (number) => {
    const told = new RegExp(`^/[/*][^\\n]*\\b${number}\\b|['"\`]${number}: |\\(${number}\\)['"\`]`)
    expect(tests.some((text) => told.test(text))).toBe(true)
  },
)

it('L8: no page, manifest or stack names an ADMIN_TOKEN or an OTEL_ variable, as nothing reads them', () => {
  const told = globSync('{*.md,{docs,deploy,examples,.github}/**/*.{md,yaml,yml,ts,env,service,json}}', {
    cwd: root,
  })
    .filter((path) => path !== 'CHANGELOG.md')
    .flatMap((path) =>
      Array.from(read(path).matchAll(/\b(?:ADMIN_[A-Z_]+|OTEL_[A-Z_]+)\b/g), ([name]) => ({ path, name })),
    )
    // Of commands in the shell.
    .filter(({ name }) => name !== 'ADMIN_URL')
  const names: readonly string[] = variableNames
  expect(told.map(({ name }) => name)).toContain('ADMIN_HOST')
  expect(told.filter(({ name }) => !names.includes(name))).toEqual([])
})
