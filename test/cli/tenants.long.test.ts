// apply, tenants and connections: what they print, what they refuse, and that no secret ever comes out.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'

import { type CommandOptions, type Ended, failJson, runCommand, runJson } from '../support/command.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'

// Processes take seconds on a machine that does other things too.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const variables = {
  ACME_API_KEY: 'very-secret-api-key',
  ACME_SIGNING: 'very-secret-signing',
  BOB_TOKEN: 'very-secret-token',
}
const file = `
tenants:
  - slug: acme
    pinpoint:
      subdomain: acme
      apiKey: \${ACME_API_KEY}
      signingSecrets: ["\${ACME_SIGNING}"]
    connections:
      - integration: hibob
        enabled: true
        secrets: { serviceUserId: very-secret-id, serviceUserToken: "\${BOB_TOKEN}" }
        settings: { site: New York (Demo) }
`
let database: FreshDatabase
let folder: string
let options: CommandOptions
const printed: string[] = []

beforeAll(async () => {
  database = await freshDatabase()
  folder = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-cli-'))
  const keys = `test:${randomBytes(32).toString('base64')}`
  options = {
    env: {
      DATABASE_URL: database.url,
      DATA_DIR: folder,
      ENCRYPTION_KEYS: keys,
      LOG_LEVEL: 'debug',
      ...variables,
    },
  }
})
afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true })
})
afterEach(() => {
  expect(printed.filter((text) => text.includes('very-secret'))).toEqual([])
})

const written = async (text: string) => {
  const path = join(folder, `${randomBytes(4).toString('hex')}.yaml`)
  await writeFile(path, text)
  return path
}
/** The first command of each kind that takes or shows secrets runs in a process, so that its log is looked through, too. */
const inProcess = () => options
const here = () => ({ ...options, here: true, env: { ...options.env, LOG_LEVEL: 'silent' } })
let how: () => CommandOptions = inProcess
beforeEach(() => {
  how = inProcess
})

const run = async (...line: string[]): Promise<Ended> => {
  const ended = await runCommand(line, how())
  printed.push(ended.stdout, ended.stderr)
  return ended
}
const json = async (...line: string[]) => {
  const ended = await runJson(line, how())
  printed.push(JSON.stringify(ended))
  return ended
}
const fail = async (...line: string[]) => {
  const ended = await failJson(line, how())
  printed.push(JSON.stringify(ended))
  return ended
}
const refused = (code: string) => ({
  code: 1,
  error: { code, message: expect.any(String) as string, details: {} },
})
const needsPerson = (code: string, message: string) => ({
  code: 2,
  error: { code, message: expect.stringContaining(message) as string, fix: expect.any(String) as string },
})

it('an empty installation lists nothing and says what to do next', async () => {
  how = here
  expect(await run('tenants', 'list')).toMatchObject({
    code: 0,
    stdout: 'No tenants yet.\n\nNext: pinpoint-webhooks apply FILE\n',
  })
  expect(await json('tenants', 'list')).toEqual({ code: 0, data: [] })
  expect(await json('connections', 'list')).toEqual({ code: 0, data: [] })
})

it('apply refuses a faulty file whole, with every fault, and changes nothing', async () => {
  how = here
  expect(await fail('apply', join(folder, 'missing.yaml'))).toMatchObject(
    needsPerson('cli.file_unreadable', 'ENOENT'),
  )
  expect(await fail('apply', await written('tenants: [very-secret'))).toMatchObject(
    needsPerson('tenants.declaration_invalid', 'line 1 is not valid YAML'),
  )
  const faulty = file
    .replace('slug: acme', 'slug: acme\n    very: odd')
    .replace('${BOB_TOKEN}', '${BOB_TOKN}')
  how = inProcess
  const { error } = await fail(
    'apply',
    await written(faulty.replace('integration: hibob', 'integration: bob')),
  )
  expect(error).toMatchObject({ code: 'tenants.declaration_invalid' })
  const faults = JSON.stringify(error)
  for (const fault of [
    'tenants[0].very is not a known key',
    'BOB_TOKN',
    'tenants[0].connections[0].integration',
  ])
    expect(faults).toContain(fault)
  how = here
  expect(await json('tenants', 'list')).toEqual({ code: 0, data: [] })
})

it('apply makes what the file says; a second time nothing changes', async () => {
  const path = await written(file)
  const connection = { id: expect.stringMatching(/^con_/) as string, integration: 'hibob', enabled: true }
  expect(await json('apply', path)).toEqual({
    code: 0,
    data: {
      tenants: [
        {
          slug: 'acme',
          outcome: 'created',
          changed: [],
          connections: [{ ...connection, outcome: 'created', changed: [], kept: [], unpaused: false }],
        },
      ],
      resumed: 0,
    },
  })
  const again = await runCommand(['apply', '-'], { ...options, input: file })
  expect(again).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('tenant acme: unchanged') as string,
  })
  expect(again.stdout).toContain('Next: pinpoint-webhooks connections check acme')
  how = here
  const changed = file
    .replace('New York (Demo)', 'London (Demo)')
    .replace('very-secret-id', 'very-secret-id-2')
  const { stdout } = await run('apply', await written(changed))
  expect(stdout).toContain('hibob: changed (')
  const rotated = await run('apply', await written(changed.replace('${ACME_SIGNING}', 'very-secret-new-one')))
  expect(rotated.stdout).toContain('Next: pinpoint-webhooks quarantine verify --tenant acme')
})

it('tenants and connections are shown without secrets', async () => {
  const times = { createdAt: expect.any(String) as string, updatedAt: expect.any(String) as string }
  const tenant = {
    id: expect.stringMatching(/^ten_/) as string,
    slug: 'acme',
    apiUrl: 'https://acme.pinpointhq.com/api/v1',
    demoHires: false,
    sweep: { everySeconds: 21_600, lookBackSeconds: 259_200 },
    keepFinishedFor: '400d',
    timeZone: null,
    ...times,
  }
  const connection = {
    id: expect.stringMatching(/^con_/) as string,
    tenant: 'acme',
    integration: 'hibob',
    enabled: true,
    delay: null,
    comment: null,
    writeBack: null,
    commentWhenParked: false,
    settings: { site: 'London (Demo)' },
    paused: null,
    ...times,
  }
  expect(await json('tenants', 'list')).toEqual({ code: 0, data: [tenant] })
  how = here
  expect(await json('tenants', 'show', 'acme')).toEqual({
    code: 0,
    data: { ...tenant, webhook: '/webhooks/pinpoint/acme', lastSweep: null, connections: [connection] },
  })
  const shown = { ...connection, limits: [], circuit: null }
  expect(await json('connections', 'list', 'acme')).toEqual({ code: 0, data: [shown] })
  how = inProcess
  expect(await json('connections', 'show', 'acme', 'hibob')).toEqual({ code: 0, data: shown })
  how = here
  expect((await run('tenants', 'show', 'acme')).stdout).toContain('Webhook path: /webhooks/pinpoint/acme')
  expect((await run('connections', 'list')).stdout).toMatch(/^acme +hibob +enabled$/m)
})

it('connections are disabled and enabled again', async () => {
  how = here
  const changed = (enabled: boolean, more: object) => ({
    code: 0,
    data: { id: expect.any(String) as string, enabled, changed: true, ...more },
  })
  expect(await json('connections', 'disable', 'acme', 'hibob')).toEqual(changed(false, {}))
  expect((await run('connections', 'disable', 'acme', 'hibob')).stdout).toContain('was disabled already')
  expect((await run('connections', 'list')).stdout).toMatch(/^acme +hibob +disabled$/m)
  expect(await json('connections', 'enable', 'acme', 'hibob')).toEqual(changed(true, { resumed: 0 }))
  expect((await run('connections', 'enable', 'acme', 'hibob')).stdout).toContain('was enabled already')
})

it('unknown tenants and connections are refused with 1, lists included', async () => {
  how = here
  for (const line of [
    ['tenants', 'show', 'nobody'],
    ['tenants', 'remove', 'nobody', '--yes'],
    ['connections', 'list', 'nobody'],
    ['connections', 'check', 'nobody'],
    ['runs', 'list', '--tenant', 'nobody'],
    ['events', 'list', '--tenant', 'nobody'],
    ['send', '--tenant', 'nobody'],
  ]) {
    expect(await fail(...line), line.join(' ')).toMatchObject(refused('tenants.unknown_tenant'))
  }
  for (const command of ['enable', 'disable', 'check']) {
    expect(await fail('connections', command, 'acme', 'bob')).toMatchObject({
      code: 64,
      error: { code: 'cli.integration_unknown' },
    })
  }
})

it('a tenant is removed only when that is confirmed', async () => {
  how = here
  expect(await fail('tenants', 'remove', 'acme')).toMatchObject(needsPerson('cli.not_confirmed', 'acme'))
  expect(await json('tenants', 'show', 'acme')).toMatchObject({ code: 0 })
  expect(await json('tenants', 'remove', 'acme', '--yes')).toEqual({ code: 0, data: { removed: 'acme' } })
  expect(await json('connections', 'list')).toEqual({ code: 0, data: [] })
})
