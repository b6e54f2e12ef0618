/** M10: nothing here makes code from strings, so Node's protection against that can be on. */
import { afterAll, beforeAll, expect, it } from 'vitest'

import { runCommand } from '../support/command.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

/** Tells of each `new Function`, and makes it as before. */
const watcher = `globalThis.Function = new Proxy(Function, {
  construct(target, parts) {
    process.stderr.write('code from a string: ' + parts.at(-1) + '\\n')
    return new target(...parts)
  },
})`

it.each([
  [['apply', '-'], 2],
  [['tenants', 'list'], 0],
  [['quarantine', 'verify'], 0],
])('M10: %j makes no code from strings, and needs none', async (line, code) => {
  const watched = `--import=data:text/javascript,${encodeURIComponent(watcher)}`
  for (const options of [watched, '--disallow-code-generation-from-strings']) {
    const env = {
      DATABASE_URL: database.url,
      NODE_OPTIONS: options,
      ENCRYPTION_KEYS: `k:${Buffer.alloc(32, 7).toString('base64')}`,
    }
    const ended = await runCommand(line, { env, input: 'tenants: [{ slug: acme }]' })
    expect([ended.code, ended.stderr], ended.stderr).toEqual([
      code,
      expect.not.stringMatching(/code from a string|EvalError|Code generation/) as string,
    ])
  }
})
