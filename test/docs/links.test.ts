// Documentation that points somewhere points at something: files, headings, commands and scripts.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

import { describe, expect, it } from 'vitest'

import packageJson from '../../package.json' with { type: 'json' }
import { commands } from '../../src/cli/commands.ts'
import { programName } from '../../src/cli/program.ts'

const root = new URL('../../', import.meta.url).pathname
const pages = globSync('**/*.md', {
  cwd: root,
  exclude: (path) => /(^|\/)(node_modules|data|dist)(\/|$)/.test(path),
})

const textOf = (page: string) => readFileSync(join(root, page), 'utf8')
/** Blocks and spans of code: in prose the program's name may be followed by any word. */
const codeOf = (text: string) =>
  Array.from(text.matchAll(/^```[\s\S]*?^```|`[^`\n]+`|^ {4,}.+$/gm), ([code]) => code).join('\n')
const withoutCode = (text: string) => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')

/** As GitHub names the anchor of a heading. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = textOf(page)
    .replace(/^```[\s\S]*?^```/gm, '')
    .matchAll(/^#+ (.+)$/gm)
  return new Set(
    Array.from(headings, ([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

function brokenLinks(page: string): readonly string[] {
  return Array.from(withoutCode(textOf(page)).matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : normalize(join(dirname(page), path))
      if (!existsSync(join(root, file))) return true
      return anchor !== undefined && !anchorsOf(file).has(anchor)
    })
}

/** `pinpoint-webhooks runs show RUN`, and what follows `npx`. */
function unknownCommands(page: string): readonly string[] {
  const known = new Set(commands.flatMap(({ name }) => [name, name.split(' ')[0] ?? name]))
  const groups = new Set(
    commands.filter(({ name }) => name.includes(' ')).map(({ name }) => name.split(' ')[0]),
  )
  return Array.from(codeOf(textOf(page)).matchAll(new RegExp(`${programName} ([a-z]+)(?: ([a-z]+))?`, 'g')))
    .filter(([, first = '', second]) => {
      if (first === 'help') return false
      if (!known.has(first)) return true
      return groups.has(first) && second !== undefined && !known.has(`${first} ${second}`)
    })
    .map(([line]) => line)
}

function unknownScripts(page: string): readonly string[] {
  const known = new Set(Object.keys(packageJson.scripts))
  return Array.from(
    codeOf(textOf(page)).matchAll(/npm run (?:-s )?([a-z][a-z:-]*)/g),
    ([, name = '']) => name,
  ).filter((name) => !known.has(name))
}

describe('The documentation', () => {
  it('is found by these tests', () => {
    expect(pages).toContain('README.md')
    expect(pages.length).toBeGreaterThan(20)
  })

  it.each(pages)('%s links only to files and headings that exist', (page) => {
    expect(brokenLinks(page)).toEqual([])
  })

  it.each(pages)('M10: %s lets npx run nothing but what is installed', (page) => {
    expect(textOf(page)).not.toMatch(new RegExp(`npx (-y |--yes )?${programName}`))
  })

  it.each(pages)('%s gives npx no option that is meant for this program', (page) => {
    expect(textOf(page)).not.toMatch(new RegExp(`npx --no ${programName} -`))
  })

  it.each(pages)('%s names only commands and npm scripts that exist', (page) => {
    expect({ commands: unknownCommands(page), scripts: unknownScripts(page) }).toEqual({
      commands: [],
      scripts: [],
    })
  })
})
