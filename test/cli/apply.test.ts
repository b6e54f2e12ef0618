// `apply` of a file that is no declaration says what it is, and what to do with it; and `send` says where nobody listens.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { runCommand } from '../support/command-line.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld({ service: false })
})
afterAll(() => world.close())

it.each([
  'mapping:\n  work.site: job.location\n',
  '# Nothing to map: the lists of HiBob have what 1 open job needs.\n',
])('apply names `mapping suggest` where the file is what that prints: %j', async (text) => {
  const path = join(world.config.dataDir, 'suggested.yaml')
  await writeFile(path, text)
  const { code, json } = await runCommand(['apply', path, '--json'], world.env)
  expect(code).toBe(2)
  expect(json).toMatchObject({
    error: {
      code: 'cli.only_mapping',
      message: expect.stringContaining('as `mapping suggest` prints it') as string,
      fix: expect.stringMatching(
        /`mapping` of the connection in the file of the tenant.* mapping test TENANT INTEGRATION --last 20 --against .*suggested\.yaml/,
      ) as string,
    },
  })
})

it('send says at which address nobody answers, and what to do', async () => {
  const { code, err } = await runCommand(
    ['send', '--url', 'http://127.0.0.1:1/some/path', '--secret', 'x'],
    world.env,
  )
  expect(code).toBe(75)
  expect(err).toMatch(/^Nobody answers at http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)\. Start the service there/)
  expect(err).toContain('--url URL')
  expect(err).toContain('(service.unreachable)')
})
