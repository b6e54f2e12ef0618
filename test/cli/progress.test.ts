import { describe, expect, it } from 'vitest'

import { runCli } from '../../src/cli/cli.ts'
import type { Command } from '../../src/cli/command.ts'
import { createProgress } from '../../src/cli/progress.ts'
import { createVirtualClock } from '../support/virtual-clock.ts'

const clearing = '\r\u001b[K'

function started() {
  const clock = createVirtualClock()
  const written: string[] = []
  const progress = createProgress((text) => written.push(text), clock)
  const seconds = (count: number) => clock.runUntil(new Date(clock.now().getTime() + count * 1000))
  return { progress, seconds, written }
}

describe('Progress', () => {
  it('of what is over within a second is never seen', async () => {
    const { progress, seconds, written } = started()
    progress.show('1 of 2')
    await seconds(0.9)
    progress.show('2 of 2')
    await progress.end()
    expect(written).toEqual([])
  })

  it('is one line, rewritten once a second, and gone at the end', async () => {
    const { progress, seconds, written } = started()
    progress.show('1 of 9')
    await seconds(1)
    progress.show('2 of 9')
    progress.show('3 of 9')
    await seconds(2)
    await progress.end()
    expect(written).toEqual(['1 of 9', clearing, '3 of 9', clearing])
  })

  it('makes way for a log line, and comes back', async () => {
    const { progress, seconds, written } = started()
    progress.show('1 of 9')
    await seconds(1)
    progress.clear()
    written.push('log\n')
    await seconds(1)
    expect(written).toEqual(['1 of 9', clearing, 'log\n', '1 of 9'])
    await progress.end()
  })

  it('is shorter than a terminal and does not steer it', async () => {
    const { progress, seconds, written } = started()
    progress.show(`\u001b[2J${'x'.repeat(200)}`)
    await seconds(1)
    await progress.end()
    expect(written[0]).toMatch(/^[^\p{Cc}]{70,78}$/u)
  })
})

/** A command whose progress stays until it has been seen, if anybody watches. */
async function run(watched: boolean): Promise<string> {
  let err = ''
  const seen = Promise.withResolvers<undefined>()
  const slow: Command = {
    name: 'slow',
    summary: 'Slow',
    examples: ['slow'],
    prints: 'data',
    database: 'none',
    run: async ({ progress }) => {
      progress('half way')
      if (watched) await seen.promise
      return { text: 'Done.' }
    },
  }
  const write = (text: string) => {
    err += text
    seen.resolve(undefined)
  }
  const { signal } = new AbortController()
  await runCli(['slow'], {
    ...{ version: '0', commands: [slow], environment: {}, signal, watched },
    write: { out: () => {}, err: write },
  })
  return err
}

it('only whoever watches standard error sees how far a command is', async () => {
  expect(await run(true)).toBe(`half way${clearing}`)
  expect(await run(false)).toBe('')
})
