import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'

import { expect, it } from 'vitest'

const page = readFileSync(new URL('../../docs/reference/way-of-a-webhook.md', import.meta.url), 'utf8')
const script = new URL('way-of-a-webhook.ts', import.meta.url).pathname

it('one webhook passes through each file of the page that tells its way', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [script])
  const entered = new Set(stdout.trim().split('\n'))
  const told = [...page.matchAll(/\(\.\.\/\.\.\/src\/([^)]+)\)/g)].map(([, path = '']) => path)
  expect(told.length).toBeGreaterThan(20)
  expect(told.filter((path) => !entered.has(path))).toEqual([])
}, 60_000)
