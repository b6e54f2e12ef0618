// `audit`: who did what, newest first, as an auditor reads it.
import { hostname, userInfo } from 'node:os'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { runCommand } from '../support/command-line.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
let ada: string
beforeAll(async () => {
  world = await openWorld()
  ada = await world.hire({ firstName: 'Ada', lastName: 'Example', email: 'ada@example.com' })
  await world.settled(1)
})
afterAll(() => world.close())

const run = async (line: string) => {
  const ran = await runCommand(line.split(' '), world.env)
  expect(ran.code, ran.err).toBe(0)
  return ran.out
}
const json = async <T>(line: string) => JSON.parse(await run(`${line} --json`)) as T

describe('audit', () => {
  it('says so where nothing is noted', async () => {
    expect(await run('audit')).toBe('Nothing is noted in the audit log.\n')
    expect(await json('audit')).toEqual([])
  })

  it('tells who on which machine saw whom with which command, and nobody’s name', async () => {
    await run(`runs list --application ${ada} --reveal`)
    await run(`runs show ${ada} --reveal`)
    const text = await run('audit')
    const who = `${userInfo().username} on ${hostname()}`
    expect(text).toMatch(
      new RegExp(
        `^\\d{1,2} \\w{3} \\d{4}, \\d\\d:\\d\\d \\S+ +${who} +runs show +acme +names seen: ${ada}$`,
        'm',
      ),
    )
    expect(text.indexOf('runs show')).toBeLessThan(text.indexOf('runs list'))
    expect(text).toMatch(/\n2 entries\.\n$/)
    expect(text).not.toMatch(/Ada|Example/)
    expect(await json('audit')).toMatchObject([
      {
        actor: userInfo().username,
        action: 'hires.reveal',
        tenant: 'acme',
        subjects: [ada],
        details: { command: 'runs show', machine: hostname() },
      },
      {},
    ])
  })

  it('is narrowed by time and number, and says of how many', async () => {
    expect(await run('audit --limit 1')).toContain('1 of 2 entries; --limit shows more.')
    expect(await json('audit --since 1h --limit 1')).toHaveLength(1)
    await world.store.database.pool.query(
      `insert into audit (at, actor, action, tenant, subjects, details)
       values (now() - interval '3 days', 'maria', 'hires.reveal', 'globex', '{1,2,3,4,5}', '{}')`,
    )
    expect(await json('audit --since 1h')).toHaveLength(2)
    const text = await run('audit --since 4d')
    expect(text).toMatch(/ maria +globex +names seen: 1, 2, 3 and 2 more$/m)
    const wrong = await runCommand(['audit', '--since', 'monday', '--json'], world.env)
    expect(wrong).toMatchObject({ code: 64, json: { error: { code: 'cli.not_a_time' } } })
  })
})
