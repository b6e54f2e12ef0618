/**
 * The modules of `src/` that one webhook enters on its way to `done`, nothing going wrong: the service in this process, the sandbox
 * beside it, and V8's own count of calls. Prints one path a line. `node test/house/way-of-a-webhook.ts`
 */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Session } from 'node:inspector/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { hireEvent, signPinpoint, startSandbox } from '../../sandbox/index.ts'
import { startService } from '../../src/app/service.ts'
import { openStore } from '../../src/app/store.ts'
import { readConfig } from '../../src/config/environment.ts'
import { integrations } from '../../src/integrations/registry.ts'
import { type Log, silentLog } from '../../src/observe/log.ts'
import { applyDeclaration } from '../../src/tenants/apply.ts'
import { hibobTenant } from '../support/hibob-tenant.ts'

const signingSecret = 'test_signing_secret'
const source = new URL('../../src/', import.meta.url).href

const dataDir = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-way-'))
const config = readConfig({
  DATA_DIR: dataDir,
  PORT: '0',
  ADMIN_PORT: '0',
  DANGEROUS_ALLOW_PRIVATE_NETWORK: 'true',
})
const sandbox = await startSandbox()
const store = await openStore(config, { log: silentLog })
await applyDeclaration(
  { store: store.declarations, integrations, variables: {} },
  JSON.stringify({ tenants: [hibobTenant(sandbox, { signingSecrets: [signingSecret] })] }),
)

const ended = new EventTarget()
const log: Log = {
  ...silentLog,
  info(fields) {
    if ('state' in fields) ended.dispatchEvent(new CustomEvent('run', { detail: fields.state }))
  },
}
const service = await startService(config, log)
const profiler = new Session()
profiler.connect()
await profiler.post('Profiler.enable')
await profiler.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })

const { id, job } = sandbox.pinpoint.addApplication({})
const body = hireEvent(id, job.id)
const run = once(ended, 'run') as Promise<[CustomEvent<string>]>
const answer = await fetch(`${service.url}/webhooks/pinpoint/acme`, {
  method: 'POST',
  body,
  headers: { 'content-type': 'application/json', 'PINPOINT-HMAC-SHA256': signPinpoint(signingSecret, body) },
})
if (answer.status !== 200) throw new Error(`the webhook was answered ${answer.status}`)
const [{ detail: state }] = await run
if (state !== 'done') throw new Error(`the run ended as ${state}`)

const { result } = await profiler.post('Profiler.takePreciseCoverage')
const entered = result
  .filter(({ url }) => url.startsWith(source))
  // The first function of a script is the module itself, which ran when it was loaded.
  .filter(({ functions }) =>
    functions.some(({ functionName, ranges }) => functionName !== '' && (ranges[0]?.count ?? 0) > 0),
  )
  .map(({ url }) => url.slice(source.length))
  .sort()
process.stdout.write(`${entered.join('\n')}\n`)

profiler.disconnect()
await service.close()
await store.close()
await sandbox.close()
await rm(dataDir, { recursive: true, force: true })
