// A tenant and an integration are named in one way by every command that is about one; the options of the others are taken as well.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { commands } from '../../src/cli/commands.ts'
import { runCommand } from '../support/command-line.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld({ service: false })
})
afterAll(() => world.close())

const run = (line: string) => runCommand(line.split(' '), world.env)

describe('A command that is about one tenant or connection', () => {
  it.each([
    ['connections show acme hibob', 'connections show --tenant acme --integration hibob'],
    ['connections list acme', 'connections list --tenant acme'],
    ['connections check acme hibob', 'connections check acme --integration hibob'],
    ['connections fields acme hibob --json', 'connections fields --integration hibob acme --json'],
    ['mapping show acme hibob', 'mapping show --tenant=acme hibob'],
    ['mapping history acme hibob', 'mapping history --tenant acme --integration hibob'],
    ['mapping suggest acme hibob', 'mapping suggest --tenant acme --integration hibob'],
    ['sources list acme', 'sources list --tenant acme'],
    ['tenants show acme', 'tenants show --tenant acme'],
    ['status acme --json', 'status --tenant acme --json'],
    ['sweep acme --preview --since 1d', 'sweep --tenant acme --preview --since 1d'],
  ])('is the same: %s, %s', async (line, other) => {
    const [one, two] = [await run(line), await run(other)]
    expect(one, line).toMatchObject({ code: 0, err: '' })
    expect(withoutTimes(two)).toEqual(withoutTimes(one))
  })

  it('what stands behind them keeps its place', async () => {
    expect(await run('mapping diff --tenant acme --integration hibob 1 3')).toEqual(
      await run('mapping diff acme hibob 1 3'),
    )
  })

  it.each([
    ['mapping show acme', "missing required argument 'INTEGRATION'"],
    ['mapping show hibob --tenant acme extra', "too many arguments for 'mapping show'"],
    ['mapping show acme hibob --tenant acme', "too many arguments for 'mapping show'"],
    ['mapping diff acme hibob', "missing required argument 'FROM'"],
    ['runs list acme', 'too many arguments'],
  ])('says what is wrong: %s', async (line, said) => {
    const { code, err } = await run(line)
    expect([code, err]).toEqual([64, expect.stringContaining(said)])
    expect((await run(`${line} --json`)).json).toMatchObject({ error: { code: 'cli.usage' } })
  })

  it('shows the arguments alone in its help', async () => {
    const { out } = await run('help mapping diff')
    expect(out).toContain(
      'Usage: pinpoint-webhooks mapping diff [options] <TENANT> <INTEGRATION> <FROM> [TO]',
    )
    expect(out).not.toContain('--tenant')
    expect((await run('help mapping')).out).toMatch(
      /^ {2}diff \[options\] <TENANT> <INTEGRATION> <FROM> \[TO\]/m,
    )
    const all = (await run('help')).out
    expect(all).toMatch(/^ {2}completion \[options\] <SHELL> /m)
    expect(all).toMatch(/^ {2}serve {2}/m)
    expect(all).toMatch(/^ {2}tenants {2}/m)
    expect(all).toMatch(/^ {2}help \[command\] /m)
    const about = commands.filter(({ arguments: given = [] }) => given.some(({ name }) => name === 'TENANT'))
    expect(about.length).toBeGreaterThan(12)
    for (const { name, options = [], examples } of about) {
      expect(
        options.map((option) => option.name),
        name,
      ).not.toContain('tenant')
      expect(examples.join('\n'), name).not.toContain('--tenant')
    }
    expect((await run('help')).out).toContain('TENANT and INTEGRATION can also be given as --tenant')
  })
})

function withoutTimes({ code, out }: { readonly code: number; readonly out: string }) {
  return { code, out: out.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '') }
}
