// Completion in the shells that this machine has; bash is on all of them.
import { spawnSync } from 'node:child_process'

import { describe, expect, it } from 'vitest'

import { commands } from '../../src/cli/commands.ts'
import { runStates } from '../../src/runs/run.ts'
import { runCommand } from '../support/command-line.ts'

async function script(shell: string): Promise<string> {
  return (await runCommand(['completion', shell], {})).out
}

function printed(shell: string, args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(shell, args, { encoding: 'utf8' })
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  return stdout
}

function has(shell: string): boolean {
  return spawnSync(shell, ['-c', 'true']).status === 0
}

/** `line`: words as bash splits them, the last one is completed. */
async function inBash(line: string): Promise<readonly string[]> {
  const words = ['pinpoint-webhooks', ...line.split(' ')]
  const program = `${await script('bash')}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_pinpoint_webhooks; printf '%s\\n' "\${COMPREPLY[@]}"`
  return printed('bash', ['--norc', '-c', program]).split('\n').filter(Boolean)
}

describe('In bash', () => {
  it.each([
    ['run', ['runs']],
    ['runs ', ['list', 'show', 'resume', 'cancel']],
    ['help runs li', ['list']],
    ['runs list --state ', [...runStates]],
    ['runs list --state = par', ['parked']],
    ['runs list --application ', []],
    ['replay --state a', ['all']],
    ['connections check acme h', ['hibob']],
    ['connections check acme --j', ['--json']],
    ['keys rotate --any', ['--anyway']],
    ['backup --keys CONTRIB', ['CONTRIBUTING.md']],
    ['apply READ', ['README.md']],
    ['completion z', ['zsh']],
    ['no-such-command ', []],
  ])('"%s" is completed by %j', async (line, candidates) => {
    expect(await inBash(line)).toEqual(candidates)
  })
})

describe.skipIf(!has('fish'))('In fish', () => {
  it.each([
    ['runs resu', ['resume']],
    ['runs list --state par', ['parked']],
    ['runs list --integ', ['--integration']],
    ['help keys r', ['rotate']],
    ['apply READ', ['README.md']],
    ['tenants show ', []],
  ])('"%s" is completed by %j', async (line, candidates) => {
    const program = `${await script('fish')}\ncomplete -C 'pinpoint-webhooks ${line}'`
    const lines = printed('fish', ['--no-config', '-c', program]).split('\n')
    expect(lines.filter(Boolean).map((one) => one.split('\t')[0])).toEqual(candidates)
  })
})

it.skipIf(!has('zsh'))('zsh can read its script', async () => {
  expect(printed('zsh', ['-f', '-n', '-c', await script('zsh')])).toBe('')
})

it.each(['bash', 'zsh', 'fish'])('the script for %s knows every command, option and value', async (shell) => {
  const text = await script(shell)
  const words = commands.flatMap(({ name, options = [] }) => [
    ...name.split(' '),
    ...options.flatMap((option) => [option.name, ...(option.values ?? [])]),
  ])
  expect(words.filter((word) => !text.includes(word))).toEqual([])
})

it('an unknown shell is an error that names the known ones', async () => {
  const { code, err, out } = await runCommand(['completion', 'tcsh'], {})
  expect({ code, out }).toEqual({ code: 64, out: '' })
  expect(err).toContain('Use one of bash, zsh, fish.')
})
