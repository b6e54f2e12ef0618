// What is misspelt is told as that: a wrong value with what is allowed, a name that nobody has with the nearest that somebody has.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { commands } from '../../src/cli/commands.ts'
import { runCommand } from '../support/command-line.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.store.database.pool.query(`delete from connections where integration = 'webhook'`)
  const undated = { startOn: null, offers: [{ result: 'accepted' as const, startOn: null }] }
  await world.hire({ firstName: 'Noah', lastName: 'Sample', email: 'noah@example.com', ...undated })
  await world.settled(1)
})
afterAll(() => world.close())

const run = (line: string) => runCommand(line.split(' '), world.env)

describe('a wrong value is a wrong command line: exit code 64, before any database is opened', () => {
  it.each([
    ['runs list --state parkd', '"parkd" is not a state of a run; did you mean parked?'],
    ['runs list --state nonsense', 'Use one or more of queued, running, waiting, parked'],
    ['runs list --since yesterdayish', '--since yesterdayish is no time in the past.'],
    ['runs list --limit x', 'Give a number from 1 to 100000.'],
    ['audit --since yesterdayish', 'Give a duration such as 30m, 12h or 7d, today'],
    ['events list --limit 0', '"0" is not a limit.'],
    ['quarantine list --limit many', '"many" is not a limit.'],
    ['runs resume --state parkd --tenant acme', 'did you mean parked?'],
    [
      'preview --tenant acme --since 1d --state parkt',
      '"parkt" is not a state to choose by; did you mean parked?',
    ],
    ['replay --tenant acme --since 1d --rate fast', '"fast" is not a rate.'],
    ['sweep --tenant acme --since yesterdayish', '--since yesterdayish is no time in the past.'],
    ['sweep', "missing required argument 'TENANT'"],
    ['runs list --integration hibbob', 'There is no integration "hibbob"; did you mean hibob?'],
    ['replay evt_1 --integration hibbob', 'There is no integration "hibbob"; did you mean hibob?'],
    [
      'mapping suggest --tenant acme --integration hibbob',
      'There is no integration "hibbob"; did you mean hibob?',
    ],
    ['completion bsh', 'did you mean bash'],
    ['runs resume', 'No run is named, and none are chosen.'],
  ])('%s', async (line, why) => {
    const nowhere = { DATA_DIR: '/nonexistent', DATABASE_URL: 'postgres://127.0.0.1:1/none' }
    const env = /integration|sweep$/.test(line) ? world.env : { ...world.env, ...nowhere }
    const { code, out, err } = await runCommand(line.split(' '), env)
    expect({ code, out }, err).toEqual({ code: 64, out: '' })
    expect(err).toContain(why)
  })
})

describe('a name that nobody has is told instead of an empty list', () => {
  it.each([
    ['runs list --tenant acmee', 'There is no tenant "acmee"; did you mean acme?'],
    ['events list --tenant acmee', 'There is no tenant "acmee"; did you mean acme?'],
    ['quarantine list --tenant acmee', 'There is no tenant "acmee"; did you mean acme?'],
    ['connections list acmee', 'There is no tenant "acmee"; did you mean acme?'],
    ['status acmee', 'There is no tenant "acmee"; did you mean acme?'],
    ['why 1 --tenant acmee', 'There is no tenant "acmee"; did you mean acme?'],
    ['sweep --tenant acmee', 'There is no tenant "acmee"; did you mean acme?'],
    ['runs resume --tenant acmee', 'There is no tenant "acmee"; did you mean acme?'],
    ['runs list --tenant nobody', 'There is no tenant "nobody".'],
    ['runs list --event evt_1', 'There is no event evt_1.'],
    ['runs list --replay rpl_1', 'There is no replay rpl_1.'],
    [
      'runs list --tenant acme --integration webhook',
      'Tenant acme has no connection to webhook. It has: hibob.',
    ],
    ['connections show acme webhook', 'Tenant acme has no connection to webhook. It has: hibob.'],
    ['connections show acmee hibob', 'There is no tenant "acmee"; did you mean acme?'],
  ])('%s', async (line, why) => {
    const { code, out, err } = await run(line)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain(why)
  })

  it('a code that no run has', async () => {
    expect(await run('runs list --code hibob.hire_incomplet')).toMatchObject({
      code: 0,
      out: 'No run has the code "hibob.hire_incomplet"; did you mean hibob.hire_incomplete?\n',
    })
    expect((await run('runs list --code nothing.near')).out).toBe(
      'No run has the code "nothing.near". Codes that runs have: hibob.hire_incomplete.\n',
    )
    expect((await run('runs cancel --tenant acme --code hibob.hire_incomplet')).out).toContain(
      'did you mean hibob.hire_incomplete?',
    )
    expect((await run('runs list --code hibob.hire_incomplete --state waiting')).out).toBe('No runs.\n')
  })
})

it('help shows the help of a command of two words', async () => {
  for (const { name, summary } of commands) {
    const { code, out } = await run(`help ${name}`)
    expect(code, name).toBe(0)
    expect(out.replaceAll(/\s+/g, ' '), name).toContain(`Usage: pinpoint-webhooks ${name}`)
    expect(out.replaceAll(/\s+/g, ' '), name).toContain(`${summary}.`)
  }
  expect(await run('help runs lst')).toMatchObject({ code: 64 })
})
