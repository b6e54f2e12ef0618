// Reference pages that people write are held against the source, in both directions where that is possible.
import { globSync, readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { commands } from '../../src/cli/commands.ts'

const root = new URL('../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const all = (pattern: string) => globSync(pattern, { cwd: root }).map(read).join('\n')
const firstGroups = (text: string, pattern: RegExp) =>
  Array.from(text.matchAll(pattern), (match) => match[1] ?? '').sort()

describe('docs/reference/http.md', () => {
  const page = read('docs/reference/http.md')
  const source = all('src/http/*.ts')

  it('has every error that an answer can carry, and no other', () => {
    const told = new Set(firstGroups(page, /"error":"([a-z_]+)"/g))
    const given = new Set(firstGroups(source, /\berror: '([a-z_]+)'/g))
    expect(given.size).toBeGreaterThan(4)
    expect([...told]).toEqual([...given])
  })

  it('has every GET and POST route of the service', () => {
    const routes = firstGroups(source, /app\.(?:get|post)\('([^']+)'/g)
    expect(routes).toContain('/readyz')
    expect(routes.filter((route) => !page.includes(route))).toEqual([])
  })
})

describe('docs/reference/glossary.md', () => {
  const page = read('docs/reference/glossary.md')

  it('names tables that exist, and leaves none of ours out', () => {
    const told = new Set(firstGroups(page, /table `([a-z_]+)`/g))
    const made = firstGroups(all('migrations/schema.sql'), /^create table (?:if not exists )?([a-z_]+)/gm)
    expect([...told]).toEqual([...new Set(made)])
  })

  it('names columns that exist', () => {
    const columns = firstGroups(page, /column `([a-z_]+)`/g)
    const missing = columns.filter(
      (column) => !new RegExp(`\\b${column}\\b`).test(all('migrations/schema.sql')),
    )
    expect(missing).toEqual([])
  })

  it('has each noun that the commands are about', () => {
    const nouns = new Set(
      commands.flatMap(({ name }) => (name.includes(' ') ? [name.split(' ')[0] ?? ''] : [])),
    )
    expect([...nouns].filter((noun) => !page.includes(`| ${noun.replace(/s$/, '')} `))).toEqual([])
  })
})
