/** `serve`: the service, until it is asked to stop. */
import { startService } from '../app/service.ts'
import { logStyleOf } from '../config/logging.ts'
import { createLog } from '../observe/log.ts'
import type { Command } from './command.ts'

export const serve: Command = {
  name: 'serve',
  summary: 'Run the service',
  details:
    'Accepts webhooks and does the work, or one of both (ROLE). Without DATABASE_URL it starts or joins an embedded ' +
    'PostgreSQL. SIGTERM or Ctrl-C: takes nothing more, finishes or hands back what is under way, then ends.',
  examples: ['serve', 'serve  # with PORT=9000 ROLE=worker in the environment'],
  prints: 'stream',
  database: 'makes',
  async run({ config, environment, signal }) {
    const settings = config()
    const log = createLog(settings.logLevel, logStyleOf(environment))
    const service = await startService(settings, log)
    if (!signal.aborted) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    }
    log.info({ graceSeconds: settings.shutdownGraceSeconds }, 'stopping')
    await service.close()
    log.info({}, 'stopped')
    return {}
  },
}
