// The systemd unit: settings that the service knows, a start that signals reach, and nothing that Node cannot live with.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { asDeployed } from '../../bench/support/child.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { commands } from '../../src/cli/commands.ts'
import { exitCodes } from '../../src/cli/exit-code.ts'
import { readConfig, variableNames } from '../../src/config/environment.ts'

const root = join(import.meta.dirname, '../..')
const unit = readFileSync(join(root, 'deploy/systemd/pinpoint-webhooks.service'), 'utf8')
const page = readFileSync(join(root, 'docs/deploy/systemd.md'), 'utf8')

const all = (name: string) =>
  Array.from(unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm')), ([, value = '']) => value)
const one = (name: string) => {
  const [value, ...more] = all(name)
  if (value === undefined || more.length > 0) throw new Error(`${name} is there ${all(name).length} times`)
  return value
}
const variables = Object.fromEntries(
  all('Environment')
    .map((pair) => pair.replace(/^"(.*)"$/, '$1'))
    .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
)

describe('The unit', () => {
  it('starts the service with the Node that npm has installed, and no shell or npx between', () => {
    const [program = '', script = '', command] = one('ExecStart').split(' ')
    expect(program).toBe(`${one('WorkingDirectory')}/node_modules/.bin/node`)
    expect(existsSync(join(root, script))).toBe(true)
    expect(commands.map(({ name }) => name)).toContain(command)
    expect(packageJson.scripts.start).toBe(
      `node ${variables['NODE_OPTIONS'] ?? ''} ${script} ${command ?? ''}`,
    )
  })

  it('sets only variables that the service accepts', () => {
    const { NODE_ENV, NODE_OPTIONS, MALLOC_ARENA_MAX, ...own } = variables
    expect(NODE_ENV).toBe('production')
    expect({ NODE_OPTIONS, MALLOC_ARENA_MAX }).toEqual(asDeployed)
    expect(Object.keys(own).filter((name) => !variableNames.some((known) => known === name))).toEqual([])
    expect(readConfig(own).dataDir).toBe(`/var/lib/${one('StateDirectory')}`)
  })

  it('L7: opens no debugger at a signal, and leaves no core with keys in it', () => {
    expect(variables['NODE_OPTIONS']?.split(' ')).toContain('--disable-sigusr1')
    expect(one('LimitCORE')).toBe('0')
  })

  it('waits longer for the end than the service takes, and lets it end its database itself', () => {
    // Requests under way may take fifteen seconds more.
    expect(Number(one('TimeoutStopSec'))).toBeGreaterThan(readConfig({}).shutdownGraceSeconds + 15)
    expect(one('KillMode')).toBe('mixed')
  })

  it('starts it again whatever happens, but for what only somebody can mend', () => {
    expect(one('Restart')).toBe('always')
    expect(one('StartLimitIntervalSec')).toBe('0')
    const stays = [exitCodes.needsPerson.code, exitCodes.usage.code]
    expect(one('RestartPreventExitStatus').split(' ').map(Number)).toEqual(stays)
  })

  it('runs as a user of its own without rights', () => {
    expect(one('User')).toBe(packageJson.name)
    for (const [name, value] of [
      ['NoNewPrivileges', 'yes'],
      ['CapabilityBoundingSet', ''],
      ['ProtectSystem', 'strict'],
      ['ProtectHome', 'yes'],
      ['PrivateTmp', 'yes'],
      ['PrivateDevices', 'yes'],
      ['UMask', '0077'],
      ['StateDirectoryMode', '0700'],
    ] as const)
      expect([name, one(name)]).toEqual([name, value])
  })

  it('takes nothing away that Node or the service needs', () => {
    // Node compiles while it runs; boot_id and the start times of processes are read from /proc.
    expect(all('MemoryDenyWriteExecute')).toEqual([])
    expect(all('ProcSubset')).toEqual([])
    expect(one('RestrictAddressFamilies').split(' ')).toEqual(
      expect.arrayContaining(['AF_INET', 'AF_INET6', 'AF_UNIX']),
    )
  })

  it('is installed by its guide where it looks for things', () => {
    for (const path of [one('WorkingDirectory'), one('EnvironmentFile').replace(/^-/, '')])
      expect(page).toContain(path)
    expect(page).toContain('deploy/systemd/pinpoint-webhooks.service')
  })
})
