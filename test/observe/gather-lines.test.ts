// Gathering log lines must lose none of them, however a process ends: each case is a process of its own.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { pino } from 'pino'
import { describe, expect, it } from 'vitest'

import { gatherLines } from '../../src/observe/gather-lines.ts'

const module = join(import.meta.dirname, '../../src/observe/log.ts')

/** What a process wrote that says `log.…` and then ends as told: the messages of its lines, and how often it wrote. */
function written(program: string) {
  const { stderr, status, signal } = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { createLog } from ${JSON.stringify(module)}\n${prelude}${program}`,
    ],
    { encoding: 'utf8' },
  )
  const lines = stderr.split('\n')
  const messages = lines.map(
    (line) => /"msg":"([^"]*)"/.exec(line)?.[1] ?? (line.includes('Error: ') ? 'trace' : ''),
  )
  return { messages: messages.filter((text) => text !== ''), status, signal }
}

const prelude = `
const log = createLog('info', { gather: true })
const say = (...numbers) => numbers.forEach((n) => log.info({}, String(n)))
`

describe('Log lines', () => {
  it.each([
    ['by itself', 'say(1, 2, 3)', 0],
    ['by exit', 'say(1, 2, 3); process.exit(0)', 0],
    ['by exit in a later turn', 'say(1); setTimeout(() => { say(2, 3); process.exit(0) })', 0],
  ])('of a process that ends %s are all there, in their order', (_how, program, status) => {
    expect(written(program)).toEqual({ messages: ['1', '2', '3'], status, signal: null })
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
    expect(written(program)).toEqual({ messages: ['1', '2', 'trace'], status: 1, signal: null })
  })

  it('of trouble leave at once, behind those before them: a process that is killed has told', () => {
    const killed = "process.kill(process.pid, 'SIGKILL'); for (;;);"
    for (const level of ['warn', 'error']) {
      expect(written(`say(1); log.${level}({}, 'trouble'); ${killed}`)).toMatchObject({
        messages: ['1', 'trouble'],
        signal: 'SIGKILL',
      })
    }
  })

  it('leave within the turn of the event loop that they are from', () => {
    expect(
      written(`say(1, 2); setImmediate(() => { process.kill(process.pid, 'SIGKILL'); for (;;); })`),
    ).toMatchObject({ messages: ['1', '2'], signal: 'SIGKILL' })
  })

  it('of one turn share writes, each of whole lines and no larger than what a pipe takes as a whole', async () => {
    const writes: string[] = []
    const log = pino(
      { base: null },
      gatherLines((lines) => writes.push(lines)),
    )
    const long = 'x'.repeat(10_000)
    const messages = [...Array.from({ length: 500 }, (_, index) => String(index)), long, 'last']
    for (const message of messages) log.info({}, message)
    await nextTurn()

    expect(writes.filter((lines) => lines.length > 4096)).toEqual([expect.stringContaining(long)])
    expect(writes.length).toBeLessThan(20)
    const lines = writes.flatMap((text) => text.split('\n').slice(0, -1))
    expect(lines.map((line) => (JSON.parse(line) as { readonly msg: string }).msg)).toEqual(messages)
  })
})
