// The demo as a newcomer meets it: only lines meant for people, alone and beside others.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { runCommand } from '../support/command.ts'

vi.setConfig({ testTimeout: 120_000 })

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-demos-'))
})
afterEach(() => rm(folder, { recursive: true }))

const once = (env: Readonly<Record<string, string>> = {}) =>
  runCommand(['demo', '--once'], { env: { TMPDIR: folder, ...env } })

/** The PostgreSQL of this test run is running all the while. */
it('twice at the same time: each makes exactly one employee, in readable lines, and leaves nothing behind', async () => {
  for (const { code, stdout, stderr } of await Promise.all([once(), once()])) {
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/Exactly one employee, one CV, one comment\.\n$/)
    expect(stdout.split('\n').filter((line) => line.startsWith('{'))).toEqual([])
    expect(stdout).not.toContain('encryption')
  }
  expect(await readdir(folder)).toEqual([])
})

it('that cannot start says why, ends, and leaves nothing behind', async () => {
  const { code, stderr } = await once({ HOST: '192.0.2.1' })
  expect(code).not.toBe(0)
  expect(stderr).toContain('192.0.2.1')
  expect(await readdir(folder)).toEqual([])
})

it("adds the service's own log when LOG_LEVEL is set", async () => {
  const { code, stderr } = await once({ LOG_LEVEL: 'info' })
  expect(code).toBe(0)
  const messages = stderr
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { readonly msg: string }).msg)
  expect(messages).toContain('ready')
})
