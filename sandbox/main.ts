/** Starts the sandbox alone: `node sandbox/main.ts [--port 4010] [--host 127.0.0.1]`. */
import { parseArgs } from 'node:util'

import { startSandbox } from './server.ts'

const { values } = parseArgs({
  options: { port: { type: 'string', default: '4010' }, host: { type: 'string', default: '127.0.0.1' } },
})
const sandbox = await startSandbox({ port: Number(values.port), host: values.host })
const tenant = sandbox.pinpoint.tenant('acme')
const company = sandbox.hibob.company('acme')
process.stdout.write(
  [
    `Pinpoint  ${sandbox.pinpointUrl}  X-API-KEY: ${tenant?.apiKey ?? ''}`,
    `HiBob     ${sandbox.hibobUrl}  ${company?.serviceUserId ?? ''}:${company?.serviceUserToken ?? ''}`,
    `Receiver  ${sandbox.receiverUrl}  ${sandbox.receivers.receiver('default')?.secret ?? ''}`,
    `Control   ${sandbox.url}/_sandbox/ledger`,
    '',
  ].join('\n'),
)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void sandbox.close())
}
