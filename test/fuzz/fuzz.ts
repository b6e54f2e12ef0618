/**
 * Throws rubbish at the door: `npm run fuzz -- [--deliveries 100000] [--seed N] [--width 16] [--json]`. Ends with 1 when a
 * promise was broken. `--seed N --only INDEX` prints and throws one of them.
 */
import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { startEmbedded } from '../../src/embedded-postgres/embedded.ts'
import { silentLog } from '../../src/observe/log.ts'
import { throwOf } from './kinds.ts'
import { throwRaw } from './raw-client.ts'
import { openStage } from './stage.ts'
import { storm, type StormReport } from './storm.ts'

const { values } = parseArgs({
  options: {
    deliveries: { type: 'string', default: '100000' },
    width: { type: 'string', default: '16' },
    seed: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const tell = (line: string) => process.stderr.write(`${line}\n`)
const seed = values.seed === undefined ? randomInt(1_000_000_000) : whole('seed', values.seed)
tell(`seed ${seed}: repeat the same throws with --seed ${seed}`)

const home = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-fuzz-postgres-'))
const postgres = await startEmbedded({ dataDir: home, log: silentLog })
const stage = await openStage(postgres.url)
try {
  if (values.only === undefined) {
    const deliveries = whole('deliveries', values.deliveries)
    report(await storm(stage, { seeds: [seed], deliveries, width: whole('width', values.width), tell }))
  } else await one(whole('only', values.only))
} finally {
  await stage.close()
  await postgres.release()
  await rm(home, { recursive: true, force: true })
}

async function one(index: number): Promise<void> {
  const thrown = throwOf(seed, index)
  for (const part of thrown.bytes) tell(JSON.stringify(part.toString('latin1').slice(0, 2000)))
  tell(JSON.stringify({ ...thrown, bytes: undefined, body: undefined }))
  tell(JSON.stringify(await throwRaw(stage.port, thrown)))
}

function report(result: StormReport): void {
  process.exitCode = result.broken.length === 0 ? 0 : 1
  if (values.json) {
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
    return
  }
  for (const [kind, answers] of Object.entries(result.answers).sort()) {
    const told = Object.entries(answers).map(([status, times]) => `${status}: ${times}`)
    process.stdout.write(`${kind.padEnd(44)} ${told.join(', ')}\n`)
  }
  const { deliveries, seconds, admitted, quarantined, honestMs, slowestCutSeconds, residentMiB, broken } =
    result
  const lines = [
    `${deliveries} deliveries in ${seconds.toFixed(1)} s (${(deliveries / seconds).toFixed(0)} a second), ${admitted} admitted, ${quarantined} in quarantine`,
    `honest deliveries beside them: ${honestMs.count}, p50 ${honestMs.p50.toFixed(1)} ms, p99 ${honestMs.p99.toFixed(1)} ms, max ${honestMs.max.toFixed(1)} ms`,
    `slow connections were let for ${slowestCutSeconds.toFixed(1)} s at most`,
    `memory of the service: ${residentMiB.first.toFixed(0)} MiB in the first third, ${residentMiB.last.toFixed(0)} MiB in the last`,
    broken.length === 0 ? 'Every promise held.' : `BROKEN:\n${broken.map((line) => `  ${line}`).join('\n')}`,
  ]
  process.stdout.write(`\n${lines.join('\n')}\n`)
}

function whole(name: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new Error(`--${name} takes a whole number, not "${text}"`)
}
