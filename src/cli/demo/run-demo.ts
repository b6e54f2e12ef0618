/** The demo: one signed hire from webhook to comment, each step as it happens, and what then exists in the outside world. */
import { createHash } from 'node:crypto'

import { hireEvent, signPinpoint, tinyPdf } from '../../../sandbox/index.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import type { HttpAnswer } from '../../base/http.ts'
import type { Config } from '../../config/environment.ts'
import type { Log } from '../../observe/log.ts'
import type { RunView } from '../../operator/operate.ts'
import { unlimited } from '../../outbound/call-interceptor.ts'
import { createOutbound } from '../../outbound/outbound.ts'
import { isFinished } from '../../runs/run.ts'
import { openScenario, type Scenario } from './scenario.ts'

export interface DemoOptions {
  readonly config: Config
  readonly log: Log
  readonly print: (line: string) => void
  /** Ends as soon as the hire is complete, or after two minutes. */
  readonly once: boolean
  /** Aborted: the demo that stays up ends. */
  readonly signal: AbortSignal
  readonly clock?: Clock
}

/** True when there is exactly one employee, one CV with the original's bytes and one comment. */
export async function runDemo(options: DemoOptions): Promise<boolean> {
  const { print, once, signal, clock = systemClock } = options
  print(
    'Starting the sandbox (fake Pinpoint and HiBob on loopback) and the service on an embedded PostgreSQL …',
  )
  const scenario = await openScenario(options.config, options.log)
  try {
    print(`  sandbox   ${scenario.sandbox.url}`)
    print(`  service   ${scenario.service.url}`)
    await sendHire(scenario, print)
    await followRuns(scenario, { print, clock, signal })
    const complete = printOutcome(scenario, print)
    if (once || signal.aborted) return complete
    printHowToSendMore(scenario, print)
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      else signal.addEventListener('abort', () => resolve(), { once: true })
    })
    return complete
  } finally {
    await scenario.close()
  }
}

const cv = Uint8Array.from(tinyPdf('Curriculum vitae of Ada Example'))

async function sendHire(
  { sandbox, service, signingSecret }: Scenario,
  print: DemoOptions['print'],
): Promise<void> {
  const { id, job } = sandbox.pinpoint.addApplication({
    firstName: 'Ada',
    lastName: 'Example',
    email: 'ada.example@example.com',
    cv,
  })
  const body = hireEvent(id, job.id)
  print(`\nPinpoint says that application ${id} was hired:`)
  print(`  POST ${service.url}/webhooks/pinpoint/acme`)
  const began = performance.now()
  const { status, json } = await postToService(service.url, {
    body,
    signature: signPinpoint(signingSecret, body),
  })
  const milliseconds = (performance.now() - began).toFixed(0)
  print(`  ${status} ${JSON.stringify(json)}  after ${milliseconds} ms, before anything outside was called\n`)
}

async function postToService(
  baseUrl: string,
  { body, signature }: { readonly body: string; readonly signature: string },
): Promise<Pick<HttpAnswer, 'status' | 'json'>> {
  const outbound = createOutbound({ allowPrivateNetwork: true, clock: systemClock })
  const http = outbound.openHttp(unlimited, { readOnly: false })({
    baseUrl,
    headers: {},
    destination: 'service',
  })
  try {
    return await http.send({
      method: 'POST',
      path: '/webhooks/pinpoint/acme',
      headers: { 'content-type': 'application/json', 'PINPOINT-HMAC-SHA256': signature },
      text: body,
      bucket: 'webhook',
      answers: [400, 401, 404, 503],
    })
  } finally {
    await outbound.close()
  }
}

/** Prints each new line of every run's timeline until all runs have ended or parked. */
async function followRuns(
  { store: { runs: runAdmin } }: Scenario,
  { print, clock, signal }: Required<Pick<DemoOptions, 'print' | 'clock' | 'signal'>>,
): Promise<void> {
  const printed = new Map<string, number>()
  const giveUpAt = clock.now().getTime() + 120_000
  for (;;) {
    const runs = await runAdmin.listRuns({ limit: 20 })
    for (const run of [...runs].reverse()) {
      const timeline = (await runAdmin.showRun(run.id))?.timeline ?? []
      for (const { kind, text } of timeline.slice(printed.get(run.id) ?? 0)) {
        print(`  ${run.integration.padEnd(8)} ${kind.padEnd(8)} ${text}`.trimEnd())
      }
      printed.set(run.id, timeline.length)
    }
    if (runs.length > 0 && runs.every(hasEnded)) return
    if (signal.aborted || clock.now().getTime() > giveUpAt) return
    await clock.sleep(50, signal)
  }
}

function hasEnded({ state }: RunView): boolean {
  return isFinished(state) || state === 'parked'
}

function printOutcome({ sandbox }: Scenario, print: DemoOptions['print']): boolean {
  const { counts, employees, documents, comments, deliveries } = sandbox.ledger()
  const wanted = createHash('sha256').update(cv).digest('hex')
  print('\nWhat now exists:')
  for (const { id, surname, site, startDate } of employees) {
    print(`  HiBob     employee ${id} (${surname}, ${site}, starts ${startDate})`)
  }
  for (const { name, bytes, sha256 } of documents) {
    const same = sha256 === wanted ? 'the same bytes as in Pinpoint' : 'OTHER BYTES THAN IN PINPOINT'
    print(`  HiBob     document "${name}", ${bytes} bytes, ${same}`)
  }
  for (const { bodyText } of comments) print(`  Pinpoint  comment "${bodyText}"`)
  for (const { id } of deliveries) print(`  Receiver  signed webhook ${id}`)

  const complete =
    counts.employees === 1 &&
    counts.documents === 1 &&
    counts.comments === 1 &&
    documents.every(({ sha256 }) => sha256 === wanted)
  print(complete ? '\nExactly one employee, one CV, one comment.' : '\nThis is not what should be there.')
  return complete
}

function printHowToSendMore(
  { sandbox, service, dataDir, signingSecret }: Scenario,
  print: DemoOptions['print'],
): void {
  print(`
Everything stays up until Ctrl-C. In another terminal:

  export DATA_DIR=${dataDir}
  # somebody else is hired
  curl -s ${sandbox.url}/_sandbox/applications -d '{"firstName":"Grace","lastName":"Example","email":"grace@example.com"}' -H 'content-type: application/json'
  npx --no pinpoint-webhooks send --url ${service.url} --tenant acme --secret ${signingSecret} --application <its id>
  # the next create answers nothing although HiBob has done it
  curl -s ${sandbox.url}/_sandbox/faults -d '{"system":"hibob","operation":"people.create","effect":{"cut":"after"}}' -H 'content-type: application/json'
  npx --no pinpoint-webhooks runs list
  npx --no pinpoint-webhooks runs show <its id>
  curl -s ${sandbox.url}/_sandbox/ledger
`)
}
