/**
 * The vendors' own OpenAPI files as judge between our clients and the sandbox: Prism stands in front of the sandbox and
 * answers an error where a request of ours or an answer of the sandbox is not what the vendor describes. The files are
 * the vendors' and not ours to ship; where they are not at hand this is skipped.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'

import { openSandbox } from '../sandbox/open.ts'
import { bobOf, pinpointOf } from './open-clients.ts'

const specs = new URL('../../../shared/specs/', import.meta.url).pathname
const pinpointSpec = `${specs}pinpoint-openapi-1.0.23.yaml`
const hibobSpec = `${specs}hibob-openapi-2024-people-docs-metadata.json`
const missing = [pinpointSpec, hibobSpec].filter((path) => !existsSync(path))
if (missing.length > 0) process.stdout.write(`skipped Prism: no file ${missing.join(', ')}\n`)

/**
 * HiBob's description without one thing that its own recorded answers contradict: what is not set of an employee's work
 * is null in them, and forbidden to be null in the description.
 */
async function hibobSpecWithNulls(): Promise<string> {
  const work = z.looseObject({ properties: z.record(z.string(), z.looseObject({})) })
  const shape = z.looseObject({ components: z.looseObject({ schemas: z.looseObject({ WorkPart: work }) }) })
  const spec = shape.parse(JSON.parse(await readFile(hibobSpec, 'utf8')))
  const { properties } = spec.components.schemas.WorkPart
  for (const name of ['title', 'department', 'reportsTo']) {
    properties[name] = { nullable: true }
  }
  const folder = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-prism-'))
  running.push(() => rm(folder, { recursive: true }))
  const path = join(folder, 'hibob.json')
  await writeFile(path, JSON.stringify(spec))
  return path
}

const running: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((stop) => stop()))
})

/** Its address, once it listens. */
async function prismInFrontOf(upstream: string, spec: string): Promise<string> {
  const port = await freePort()
  const program = new URL('../../node_modules/@stoplight/prism-cli/dist/index.js', import.meta.url).pathname
  const child = spawn(
    process.execPath,
    [program, 'proxy', '--errors', '-h', '127.0.0.1', '-p', String(port), spec, upstream],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  running.push(async () => {
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  })
  for await (const line of createInterface(child.stdout)) {
    if (line.includes('is listening')) {
      child.stdout.resume()
      return `http://127.0.0.1:${port}`
    }
  }
  throw new Error('Prism ended before it listened')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

describe.skipIf(missing.length > 0)('By the vendors’ own descriptions', { timeout: 60_000 }, () => {
  it('the calls to Pinpoint and its answers are right', async () => {
    const sandbox = await openSandbox()
    const { id } = sandbox.pinpoint.addApplication({ customAttributes: { Colour: 'Maroon' } })
    const prism = await prismInFrontOf(sandbox.pinpointUrl.replace('/api/v1', ''), pinpointSpec)
    const pinpoint = pinpointOf(`${prism}/api/v1`)

    expect((await pinpoint.hire(id)).application).toMatchObject({
      id,
      stageType: 'hired',
      job: { location: 'New York (Demo)' },
    })
    expect(await pinpoint.openJobs(1, ['division', 'job_attributes'])).toMatchObject({
      jobs: [{ location: 'New York (Demo)', department: 'Engineering' }],
    })
    expect(await pinpoint.recentOffers()).toMatchObject([[{ result: 'accepted' }]])
    const made = await pinpoint.comment(id, 'Record created with ID: 1')
    expect(await Array.fromAsync(pinpoint.comments(id))).toEqual([
      { id: made.id, text: 'Record created with ID: 1' },
    ])
    const cursor = { updatedAfter: new Date(Date.now() - 60_000), page: 1 }
    expect(await pinpoint.hires(cursor, 1)).toMatchObject({ hires: [{ id }] })
  })

  it('the calls to HiBob and its answers are right', async () => {
    const sandbox = await openSandbox()
    const application = sandbox.pinpoint.addApplication()
    const prism = await prismInFrontOf(sandbox.hibobUrl, await hibobSpecWithNulls())
    const bob = bobOf(prism)

    const made = await bob.createEmployee({
      firstName: 'Ada',
      surname: 'Example',
      email: 'ada@example.com',
      site: 'New York (Demo)',
      startDate: '2027-01-04',
      title: 'Designer',
      department: undefined,
      privateEmail: 'ada@example.com',
    })
    expect(made).toHaveProperty('id')
    const employeeId = typeof made === 'symbol' ? '' : made.id
    expect(await bob.peopleWithEmail('Ada@example.com')).toMatchObject([{ id: employeeId }])

    expect(await bob.employee(employeeId)).toMatchObject({ id: employeeId, status: 'active' })
    expect(await bob.anybody()).toBe(employeeId)

    const url = `${sandbox.url}/pinpoint-files/${sandbox.pinpoint.fileToken(application)}/cv.pdf`
    const document = await bob.uploadByUrl(employeeId, { name: 'CV.pdf', url })
    // Prism damages binary parts, so only the envelope of this one is judged.
    await bob.uploadFile(employeeId, {
      name: 'second.pdf',
      type: 'application/pdf',
      bytes: Buffer.from('%PDF'),
    })
    expect(await bob.documents(employeeId)).toMatchObject([document, {}])
    expect(await bob.folderIds()).toContain('1047097')
  })
})
