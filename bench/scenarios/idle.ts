/** What a service costs that has nothing to do, beside an empty Node process: its start on a folder that is there, memory, processor. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { type Running, start, startProgram } from '../support/child.ts'
import type { Scenario } from '../support/figure.ts'
import { processorSeconds, residentMegabytes } from '../support/process-usage.ts'

const script = `console.error('ready'); setInterval(() => {}, 60_000)`

export const idle: Scenario = {
  name: 'idle',
  about: 'a service with nothing to do, without its PostgreSQL, beside an empty Node process',
  async open({ quick, closing }) {
    const seconds = quick ? 3 : 20
    const dataDir = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-bench-'))
    closing({ close: () => rm(dataDir, { recursive: true, force: true }) })
    const service = () => start({ DATA_DIR: dataDir, PORT: '0' }, /"msg":"ready"/, 'serve')
    const emptyNode = () => startProgram(['-e', script], {}, /ready/)
    // The first start makes the database.
    await (await service()).close()

    async function measure(starting: Promise<Running>) {
      const running = await starting
      try {
        const pid = running.child.pid ?? 0
        // What a start leaves to be done is not idleness: garbage to collect, for one.
        await pause(8_000)
        const before = await processorSeconds(pid)
        await pause(seconds * 1000)
        const used = (await processorSeconds(pid)) - before
        return {
          start: running.startSeconds,
          memory: await residentMegabytes(pid),
          processor: (100 * used) / seconds,
        }
      } finally {
        await running.close()
      }
    }

    return async () => {
      const ours = await measure(service())
      const empty = await measure(emptyNode())
      return [
        {
          name: 'start',
          unit: 'seconds',
          ours: ours.start,
          baseline: empty.start,
          bar: { of: 'ours', atMost: 1.5 },
        },
        {
          name: 'memory',
          unit: 'MB',
          ours: ours.memory,
          baseline: empty.memory,
        },
        {
          name: 'processor',
          unit: '% of a core',
          ours: ours.processor,
          bar: { of: 'ours', atMost: 1.5 },
        },
      ]
    }
  },
}
