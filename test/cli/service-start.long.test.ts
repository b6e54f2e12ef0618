// `serve` on a data folder of its own: started, killed, stopped, twice beside itself, and with commands beside it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { asDeployed } from '../../bench/support/child.ts'
import { failJson, runCommand, runJson } from '../support/command.ts'
import { postmasterPid } from '../support/embedded-process.ts'
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts'
import { until } from '../support/until.ts'

// Up to a dozen processes in one test, on machines that do other things too.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

let dataDir: string
const folders: string[] = []
const services: ServiceProcess[] = []

const newFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-start-'))
  folders.push(folder)
  return folder
}
const envOf = (folder: string) => ({ DATA_DIR: folder, PORT: '0', SHUTDOWN_GRACE_SECONDS: '5' })
const start = async (folder = dataDir) => {
  const service = await startServiceProcess(envOf(folder))
  services.push(service)
  return service
}
const readiness = async ({ url }: ServiceProcess) => (await fetch(`${url}/readyz`)).status

beforeEach(async () => {
  dataDir = await newFolder()
})
afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.stop()))
  // A killed service leaves its server running: the next user of the folder takes it over and stops it.
  for (const folder of folders.splice(0)) {
    if ((await postmasterPid(folder)) !== undefined) await runCommand(['migrate'], { env: envOf(folder) })
    await rm(folder, { recursive: true })
  }
})

it('is ready within seconds on an existing folder, and SIGTERM stops service and database', async () => {
  const seconds: number[] = []
  for (let round = 0; round < 4; round++) {
    const began = performance.now()
    const service = await start()
    expect(await readiness(service)).toBe(200)
    seconds.push((performance.now() - began) / 1000)
    expect(await postmasterPid(dataDir)).toBeDefined()
    expect(await service.stop()).toBe(0)
    expect(await postmasterPid(dataDir)).toBeUndefined()
    await expect(fetch(service.url)).rejects.toThrow(TypeError)
  }
  const [first = 0, ...later] = seconds
  const shown = later.map((one) => one.toFixed(2)).join(', ')
  process.stdout.write(`serve: ready on a new folder after ${first.toFixed(2)} s, then after ${shown} s\n`)
  // The bar is 3 s (bench/scenarios/idle.ts measures it); this bound only notices a wait that has crept in.
  expect(Math.min(...later)).toBeLessThan(6)
})

it('after SIGKILL takes the database over that it left running', async () => {
  const killed = await start()
  const pid = await postmasterPid(dataDir)
  await killed.kill()
  expect(await postmasterPid(dataDir)).toBe(pid)
  const next = await start()
  expect(await postmasterPid(dataDir)).toBe(pid)
  expect(next.output()).toMatch(/"adopted":true.*"msg":"embedded PostgreSQL is ready"/)
  expect(await readiness(next)).toBe(200)
  expect(await next.stop()).toBe(0)
  expect(await postmasterPid(dataDir)).toBeUndefined()
})

it('L7: opens no debugger at a signal, started as it is deployed', async () => {
  const service = await startServiceProcess({ ...envOf(dataDir), ...asDeployed })
  services.push(service)
  process.kill(service.pid, 'SIGUSR1')
  expect(await readiness(service)).toBe(200)
  expect(await service.stop()).toBe(0)
  expect(service.output()).not.toContain('Debugger listening')
})

it('stops well when SIGTERM comes before it is ready', async () => {
  const child = spawn(process.execPath, ['src/main.ts', 'serve'], {
    env: { PATH: process.env['PATH'], ...envOf(dataDir) },
    stdio: 'ignore',
  })
  await until('the server to start', async () => (await postmasterPid(dataDir)) !== undefined)
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(await postmasterPid(dataDir)).toBeUndefined()
})

it('runs twice at the same time in two folders', async () => {
  const other = await newFolder()
  const [one, two] = await Promise.all([start(), start(other)])
  expect([await readiness(one), await readiness(two)]).toEqual([200, 200])
  expect(await one.stop()).toBe(0)
  expect(await readiness(two)).toBe(200)
  expect(await postmasterPid(dataDir)).toBeUndefined()
})

it('runs twice at the same time in one folder, new or not; the last one stops the database', async () => {
  for (const round of ['new', 'existing']) {
    const [one, two] = await Promise.all([start(), start()])
    expect([await readiness(one), await readiness(two)], round).toEqual([200, 200])
    expect(await one.stop()).toBe(0)
    expect(await readiness(two), round).toBe(200)
    expect(await two.stop()).toBe(0)
    expect(await postmasterPid(dataDir)).toBeUndefined()
  }
})

it('names all that is wrong with the environment, ends with 2, and has made nothing', async () => {
  const wrong = {
    PORT: 'eighty',
    ROLE: 'manager',
    WORKER_CONCURRENCY: '0',
    DATABASE_DIRECT_URL: 'postgres://db/x',
  }
  const { code, stderr } = await runCommand(['serve'], { env: { ...envOf(dataDir), ...wrong } })
  expect(code).toBe(2)
  for (const name of Object.keys(wrong)) expect(stderr).toContain(`  ${name} `)
  expect(await readdir(dataDir)).toEqual([])
})

it('makes no key beside what another has sealed: it refuses until the keys are brought back', async () => {
  const first = await start()
  expect(await first.stop()).toBe(0)
  const [keys, away] = [join(dataDir, 'encryption-keys'), join(dataDir, 'away')]
  await rename(keys, away)
  for (const env of [envOf(dataDir), { ...envOf(dataDir), ROLE: 'intake' }]) {
    const refused = await runCommand(['serve'], { env })
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('(config.keys_missing)') as string,
    })
    expect(await readdir(dataDir)).not.toContain('encryption-keys')
    expect(await postmasterPid(dataDir)).toBeUndefined()
  }
  await rename(away, keys)
  expect(await readiness(await start())).toBe(200)
})

it('names a PORT that is taken, ends with 2, and has made nothing', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = String(typeof address === 'object' ? address?.port : '')
  try {
    const { code, stderr } = await runCommand(['serve'], { env: { ...envOf(dataDir), PORT: port } })
    expect(code).toBe(2)
    expect(stderr).toContain(`Port ${port} on 127.0.0.1 is taken by another program.`)
    expect(stderr).toContain('(http.port_taken)')
    expect(await readdir(dataDir)).toEqual([])
    const sandbox = await runCommand(['sandbox', '--port', port])
    expect(sandbox).toMatchObject({ code: 2, stderr: expect.stringContaining('set --port to') as string })
  } finally {
    other.close()
  }
})

it('leaves a running service alone when a second one finds the PORT taken', async () => {
  const service = await start()
  const { port } = new URL(service.url)
  const { code } = await runCommand(['serve'], { env: { ...envOf(dataDir), PORT: port } })
  expect(code).toBe(2)
  expect(await readiness(service)).toBe(200)
})

it('names a HOST that is not of this machine', async () => {
  const env = { ...envOf(dataDir), HOST: '192.0.2.1' }
  expect(await runCommand(['serve'], { env })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('(http.host_unknown)') as string,
  })
  expect(await readdir(dataDir)).toEqual([])
})

it('shares its database with commands, which leave it running', async () => {
  const service = await start()
  const pid = await postmasterPid(dataDir)
  const env = envOf(dataDir)
  for (const line of [['tenants', 'list'], ['migrate'], ['runs', 'list'], ['doctor']]) {
    expect(await runJson(line, { env }), line.join(' ')).toMatchObject({ code: 0 })
  }
  expect(await failJson(['runs', 'show', 'run_none'], { env })).toMatchObject({ code: 1 })
  expect(await postmasterPid(dataDir)).toBe(pid)
  expect(await readiness(service)).toBe(200)
})

it('is not needed by commands: on a stopped folder they start the database and stop it again', async () => {
  const env = envOf(dataDir)
  for (const line of [['migrate'], ['tenants', 'list'], ['quarantine', 'verify'], ['doctor']]) {
    expect(await runJson(line, { env }), line.join(' ')).toMatchObject({ code: 0 })
    expect(await postmasterPid(dataDir)).toBeUndefined()
  }
  expect(await failJson(['tenants', 'show', 'nobody'], { env })).toMatchObject({ code: 1 })
  expect(await postmasterPid(dataDir)).toBeUndefined()
})
