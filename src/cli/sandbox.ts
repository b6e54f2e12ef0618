/** `sandbox`: the fake Pinpoint, HiBob and webhook receiver alone. */
import { listenFailure } from '../http/listen-failure.ts'
import type { Command } from './command.ts'
import { WrongUsage } from './wrong-usage.ts'

export const sandbox: Command = {
  name: 'sandbox',
  summary: 'Run a fake Pinpoint, a fake HiBob and a webhook receiver on loopback',
  details:
    'Everything made in them is kept in memory. What can be seeded, broken and read: sandbox/README.md.',
  options: [
    { name: 'port', value: 'PORT', description: 'Port to listen on; 0 takes a free one', default: '4010' },
  ],
  examples: ['sandbox', 'sandbox --port 0'],
  prints: 'stream',
  database: 'none',
  async run({ input, print, signal }) {
    const running = await start(portOf(input.option('port') ?? '4010'))
    const company = running.hibob.company('acme')
    print(`Pinpoint  ${running.pinpointUrl}  X-API-KEY: ${running.pinpoint.tenant('acme')?.apiKey ?? ''}`)
    print(`HiBob     ${running.hibobUrl}  ${company?.serviceUserId ?? ''}:${company?.serviceUserToken ?? ''}`)
    print(`Receiver  ${running.receiverUrl}  ${running.receivers.receiver('default')?.secret ?? ''}`)
    print(`Control   ${running.url}/_sandbox/ledger`)
    if (!signal.aborted) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    }
    await running.close()
    return {}
  },
}

async function start(port: number) {
  // Loaded on demand: the service does not need the sandbox in memory.
  const { startSandbox } = await import('../../sandbox/index.ts')
  try {
    return await startSandbox({ port })
  } catch (error) {
    throw listenFailure(error, { host: '127.0.0.1', port, setting: '--port' })
  }
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port < 65_536) return port
  throw new WrongUsage('cli.port_invalid', `"${text}" is not a port.`, {
    fix: 'Give a number from 0 to 65535.',
  })
}
