// A log loses none of its lines, however a process ends: each case is a process of its own.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

const module = join(import.meta.dirname, '../../src/observe/log.ts')

/** What a process wrote that says `log.…` and then ends as told: the messages of its lines, and how often it wrote. */
function written(format: string, program: string) {
  const { stderr, status, signal } = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { createLog } from ${JSON.stringify(module)}\n${prelude(format)}${program}`,
    ],
    { encoding: 'utf8' },
  )
  const lines = stderr.split('\n')
  const messages = lines.map(
    (line) =>
      /(?:"msg":"|(?:info |error) )(\w*)/.exec(line)?.[1] ?? (line.includes('Error: ') ? 'trace' : ''),
  )
  return { messages: messages.filter((text) => text !== ''), status, signal }
}

const prelude = (format: string) => `
const log = createLog('info', { format: '${format}', colour: false })
const say = (...numbers) => numbers.forEach((n) => log.info({}, String(n)))
`

describe.each(['json', 'text'])('Log lines (%s)', (format) => {
  it.each([
    ['by itself', 'say(1, 2, 3)', 0],
    ['by exit', 'say(1, 2, 3); process.exit(0)', 0],
    ['by exit in a later turn', 'say(1); setTimeout(() => { say(2, 3); process.exit(0) })', 0],
  ])('of a process that ends %s are all there, in their order', (_how, program, status) => {
    expect(written(format, program)).toEqual({ messages: ['1', '2', '3'], status, signal: null })
  })

  it.each([
    ['an error that nobody catches', "say(1, 2); throw new Error('a bug')"],
    ['one in a later turn', "say(1); setTimeout(() => { say(2); throw new Error('a bug') })"],
    ['a rejection that nobody catches', "say(1, 2); await Promise.reject(new Error('a bug'))"],
    [
      'a rejection beside it',
      "say(1, 2); void Promise.reject(new Error('a bug')); setTimeout(() => say(3), 60_000)",
    ],
  ])('of a process that ends by %s stand before it', (_how, program) => {
    expect(written(format, program)).toEqual({ messages: ['1', '2', 'trace'], status: 1, signal: null })
  })

  it('are there when a process is killed in the same moment', () => {
    const killed = "process.kill(process.pid, 'SIGKILL'); for (;;);"
    expect(written(format, `say(1, 2); log.error({}, 'trouble'); ${killed}`)).toMatchObject({
      messages: ['1', '2', 'trouble'],
      signal: 'SIGKILL',
    })
  })
})
