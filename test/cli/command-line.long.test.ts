// What is typed, before any command does its work: help, wrong command lines, a wrong environment.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import packageJson from '../../package.json' with { type: 'json' }
import { runCli } from '../../src/cli/cli.ts'
import { commands } from '../../src/cli/commands.ts'
import { failJson, runCommand } from '../support/command.ts'

// A process each command: seconds on a machine that does other things too.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

let dataDir: string
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-cli-'))
})
afterAll(() => rm(dataDir, { recursive: true }))

const run = (line: readonly string[], env: Readonly<Record<string, string>> = {}, here = false) =>
  runCommand(line, { env: { DATA_DIR: dataDir, ...env }, here })

/** In this process: help does nothing that a process of its own would show better. */
async function helpOf(line: readonly string[]) {
  let stdout = ''
  const write = { out: (text: string) => void (stdout += text), err: () => {} }
  const signal = new AbortController().signal
  const code = await runCli(line, { version: '0', commands, environment: {}, signal, write })
  return { code, stdout }
}

describe('The program', () => {
  it('prints its help with every command, and its version, also through bin/', async () => {
    const help = await runCommand(['--help'], { bin: true })
    expect(help).toMatchObject({ code: 0, stderr: '' })
    for (const name of new Set(commands.map((command) => command.name.split(' ')[0]))) {
      expect(help.stdout).toMatch(new RegExp(`^  ${name ?? ''} `, 'm'))
    }
    expect(await runCommand(['--version'], { bin: true })).toEqual({
      code: 0,
      stdout: `${packageJson.version}\n`,
      stderr: '',
    })
  })

  it('without a command prints its help to standard error and ends with 64', async () => {
    const nothing = await runCommand([], { bin: true })
    expect(nothing).toMatchObject({ code: 64, stdout: '' })
    expect(nothing.stderr).toContain('Usage: pinpoint-webhooks')
    expect(await run(['runs'], {}, true)).toMatchObject({ code: 64, stdout: '' })
  })

  it.each([
    [['bogus'], "unknown command 'bogus'"],
    [['tennants', 'list'], 'Did you mean tenants?'],
    [['runs', 'bogus'], "unknown command 'bogus'"],
    [['runs', 'list', '--bogus'], "unknown option '--bogus'"],
    [['runs', 'list', '--state'], "option '--state <STATES>' argument missing"],
    [['runs', 'show'], "missing required argument 'RUN'"],
    [['tenants', 'list', 'extra'], 'too many arguments'],
    [['serve', '--json'], "unknown option '--json'"],
  ])('refuses %j with 64 and says why', async (line, why) => {
    const ended = await run(line, {}, true)
    expect(ended).toMatchObject({ code: 64, stdout: '' })
    // With --json the same comes as JSON.
    expect(ended.stderr).toContain(line.includes('--json') ? why.replaceAll('"', '\\"') : why)
  })

  it('tells the same as JSON when --json was asked for', async () => {
    expect(await failJson(['runs', 'list', '--bogus'], { here: true })).toMatchObject({
      code: 64,
      error: { code: 'cli.usage', message: "unknown option '--bogus'" },
    })
  })

  it('helps with each command', async () => {
    for (const { name, summary, examples } of commands) {
      const { code, stdout } = await helpOf([...name.split(' '), '--help'])
      expect(code, name).toBe(0)
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`${summary}.`)
      expect(stdout).toContain(`$ pinpoint-webhooks ${examples[0] ?? ''}`)
    }
  })
})

describe('A faulty environment', () => {
  const env = {
    PORT: 'abc',
    LOG_LEVEL: 'loud',
    ROLE: 'boss',
    DATABASE_URL: 'mysql://user:p4ssw0rd@db.example.com/x',
    ENCRYPTION_KEYS: 'one:c2hvcnQ=',
  }

  it.each([['serve'], ['demo'], ['tenants', 'list'], ['doctor']])(
    'is told whole, by name and without values, and ends "%s" with 2',
    async (...line) => {
      const { code, stdout, stderr } = await run(line, env, line[0] === 'tenants' || line[0] === 'doctor')
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      for (const name of Object.keys(env)) expect(stderr).toContain(name)
      expect(stderr).toContain('config.invalid')
      for (const value of ['p4ssw0rd', 'c2hvcnQ=']) expect(stderr).not.toContain(value)
      expect(await readdir(dataDir)).toEqual([])
    },
  )

  it('is a list of faults with --json', async () => {
    expect(await failJson(['runs', 'list'], { env, here: true })).toMatchObject({
      code: 2,
      error: {
        code: 'config.invalid',
        details: { faults: expect.arrayContaining([expect.any(String)]) as unknown },
      },
    })
  })

  it('may hold blank values, which count as not set', async () => {
    expect(await run(['--version'], { LOG_LEVEL: '' })).toMatchObject({ code: 0 })
    expect(await run(['send', '--secret', 'x', '--url', 'nowhere'], { LOG_LEVEL: '' }, true)).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('cli.url_invalid') as string,
    })
  })
})
