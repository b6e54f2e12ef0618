// `runs resume` and `runs cancel` of many: said first, done with --yes, with who and why in each timeline.
import { userInfo } from 'node:os'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { changeMany } from '../../src/operator/many-runs.ts'
import { runCommand } from '../support/command-line.ts'
import { openWorld, type World } from '../support/world.ts'

const count = 12
let world: World
beforeAll(async () => {
  world = await openWorld()
  const undated = { startOn: null, offers: [{ result: 'accepted' as const, startOn: null }] }
  for (let index = 0; index < count; index += 1) {
    await world.hire({ firstName: 'Ada', lastName: 'Example', email: `ada${index}@example.com`, ...undated })
  }
  await world.settled(count)
})
afterAll(() => world.close())

const command = (...line: readonly string[]) => runCommand(line, world.env)
const chosen = ['--tenant', 'acme', '--code', 'hibob.hire_incomplete']
const states = async () => (await world.store.runs.listRuns({ limit: 100 })).map(({ state }) => state)
const lastLines = async () => {
  const runs = await world.store.runs.listRuns({ limit: 100 })
  return Promise.all(
    runs.map(async ({ id }) => (await world.store.runs.showRun(id))?.timeline.map(({ text }) => text) ?? []),
  )
}

it('says which would be resumed and how to do it, and changes nothing', async () => {
  const { code, out } = await command('runs', 'resume', ...chosen, '--reason', "It's mended")
  expect(code).toBe(0)
  expect(out.match(/A•• E••••••/g)).toHaveLength(10)
  expect(out).not.toMatch(/Ada|Example/)
  expect(out).toContain('10 of 12 runs. Nothing has been resumed.')
  expect(out).toContain(
    `To resume all 12 runs:\n  pinpoint-webhooks runs resume --tenant acme --code hibob.hire_incomplete --reason 'It'\\''s mended' --yes\n`,
  )
  const { json } = await command('runs', 'cancel', ...chosen, '--json')
  expect(json).toMatchObject({ changed: false, wouldCancel: count, more: false })
  expect((json as { readonly runs: unknown }).runs).toHaveLength(10)
  expect(await states()).toEqual(Array.from({ length: count }, () => 'parked'))
})

it('resumes all of them with --yes, and each tells who and why', async () => {
  const { code, json } = await command('runs', 'resume', ...chosen, '--reason', 'Mended', '--yes', '--json')
  expect([code, json]).toEqual([0, { changed: true, resumed: count, movedOn: 0, left: 0, more: false }])
  for (const texts of await lastLines())
    expect(texts).toContain(`resumed by ${userInfo().username}. Because: Mended`)
  await world.settled(count)
})

it('cancels all of them with --yes; then there is none', async () => {
  const { code, out } = await command('runs', 'cancel', ...chosen, '--since', '1h', '--yes')
  expect([code, out]).toEqual([0, '12 runs cancelled.\n'])
  for (const texts of await lastLines()) expect(texts).toContain(`cancelled by ${userInfo().username}`)
  for (const more of [[], ['--yes']]) {
    const again = await command('runs', 'cancel', ...chosen, ...more)
    expect([again.code, again.out]).toEqual([0, 'No run has the code "hibob.hire_incomplete".\n'])
  }
})

it('refuses what does not say which runs are meant, or says it twice', async () => {
  const refused = async (...line: readonly string[]) => {
    const { code, json } = await command('runs', ...line, '--json')
    expect(code).toBe(64)
    return (json as { readonly error: { readonly code: string } }).error.code
  }
  expect(await refused('resume')).toBe('cli.nothing_named')
  expect(await refused('cancel', '--state', 'parked', '--yes')).toBe('cli.nothing_named')
  expect(await refused('resume', '123', '--code', 'x.y')).toBe('cli.choice_twice')
  expect(await refused('cancel', '--replay', 'rpl_1', '--tenant', 'acme')).toBe('cli.choice_twice')
  expect(await refused('resume', '--tenant', 'acme', '--make-again')).toBe('cli.decided_for_many')
  expect(await refused('resume', '--tenant', 'acme', '--state', 'done')).toBe('cli.state_unfit')
  const unknown = await command('runs', 'resume', '--tenant', 'nobody', '--json')
  expect(unknown).toMatchObject({ code: 1, json: { error: { code: 'tenants.unknown_tenant' } } })
})

it('leaves what has moved on, and stops when it is told to', async () => {
  const stop = new AbortController()
  const runAdmin = {
    queueAgain: (id: string) => Promise.resolve(id !== 'b'),
    cancel: () => Promise.reject(new Error('cancelled')),
  }
  const done = await changeMany(runAdmin, {
    how: 'resume',
    ids: ['a', 'b', 'c', 'd'],
    from: ['parked'],
    who: {},
    onProgress: (tried) => tried === 3 && stop.abort(),
    signal: stop.signal,
  })
  expect(done).toEqual({ changed: 2, movedOn: 1, left: 1 })
})
