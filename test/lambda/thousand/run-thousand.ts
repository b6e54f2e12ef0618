/**
 * Plays a plan on both functions: deliveries through several receive instances, their invocations and the schedule’s ticks through
 * several work instances, a share of all invocations killed. Then it counts.
 */
import { hireEvent } from '../../../sandbox/index.ts'
import { wrongPersonTold } from '../../../sandbox/wrong-person.ts'
import { isFinished } from '../../../src/runs/run.ts'
import { createRandom } from '../../simulation/random.ts'
import { resumeCrashed } from '../../support/resume-crashed.ts'
import { until } from '../../support/until.ts'
import { deliveryEvent, type UrlResult } from '../events.ts'
import { type AsyncQueue, createAsyncQueue } from './async-queue.ts'
import { createFleet, type Fleet, type FleetCounts } from './fleet.ts'
import { type Delivery, type Options, planDeliveries, planKills } from './plan.ts'
import { openStage, runMilliseconds, type Stage } from './stage.ts'

/** The schedule, and what Lambda waits before it tries again, are a minute there. What the product waits for is not shortened. */
const minuteMilliseconds = 3_000
const everyMinute = { source: 'aws.events', 'detail-type': 'Scheduled Event' }
/** Hires come as fast as they are done: otherwise a few long invocations would do everything, and kills meet only idle ones. */
const invocationsAhead = 6

export interface Report {
  readonly seed: number
  readonly hires: number
  readonly deliveries: number
  readonly receive: FleetCounts
  readonly work: FleetCounts
  /** Deliveries that Pinpoint sent again because the answer was lost. */
  readonly sentAgain: number
  readonly duplicates: number
  readonly refused: number
  readonly async: ReturnType<AsyncQueue['counts']>
  /** Runs that another worker went on with, and things that it found already made. */
  readonly takenOver: number
  readonly adopted: number
  /** From here on, all must be zero or empty. */
  readonly wrongAnswers: readonly string[]
  readonly lost: number
  readonly doubled: number
  readonly wrongPerson: number
  readonly missing: number
  readonly notDone: Readonly<Record<string, number>>
  /** Invocations that failed although nobody killed them. */
  readonly failed: number
  readonly leaks: number
  readonly seconds: number
}

export function isClean({ wrongAnswers, notDone, ...counts }: Report): boolean {
  const { lost, doubled, wrongPerson, missing, failed, leaks } = counts
  return (
    lost + doubled + wrongPerson + missing + failed + leaks + wrongAnswers.length === 0 &&
    Object.keys(notDone).length === 0
  )
}

export async function runThousand(
  program: string,
  options: Options,
  tell: (line: string) => void,
): Promise<Report> {
  const began = performance.now()
  const stage = await openStage(program)
  const kills = { receive: planKills(options, 'receive'), work: planKills(options, 'work') }
  const receive = createFleet({
    start: () => stage.start('receive'),
    reserved: options.receivers,
    kills: kills.receive,
    limitMilliseconds: 10_000,
    usualMilliseconds: 20,
    runMilliseconds,
  })
  const work = createFleet({
    // At this level it says when it takes a run.
    start: () => stage.start('work', { LOG_LEVEL: 'debug' }),
    reserved: options.workers,
    kills: kills.work,
    limitMilliseconds: 15_000,
    usualMilliseconds: 500,
    runMilliseconds,
  })
  try {
    const queue = createAsyncQueue(work, {
      retries: options.retries,
      minuteMilliseconds,
      random: createRandom(options.seed, 'asynchronous invocations'),
    })
    stage.aws.onInvocation = ({ payload }) => queue.push(payload)
    const ticks = setInterval(() => queue.push(everyMinute), minuteMilliseconds)
    const progress = setInterval(
      () => tell(`receive ${told(receive)}, work ${told(work)}, ${queue.open()} asynchronous left`),
      10_000,
    )
    let sent: Sent
    try {
      sent = await deliverAll(options, { stage, receive, queue })
      tell('everything is delivered')
      if (!options.killsToTheEnd) kills.work.end()
      await allEnded(options, stage, queue)
    } finally {
      clearInterval(ticks)
      clearInterval(progress)
    }
    await until('the last invocations to end', () => queue.open() === 0, 300)
    return {
      seed: options.seed,
      hires: options.hires,
      receive: receive.counts(),
      work: work.counts(),
      async: queue.counts(),
      ...sent,
      ...(await count(options, stage, [receive, work])),
      seconds: Math.round((performance.now() - began) / 1000),
    }
  } finally {
    await Promise.all([receive.close(), work.close()])
    await stage.close()
  }
}

function told(fleet: Fleet): string {
  const { invocations, killed } = fleet.counts()
  return `${invocations} (${killed} killed)`
}

type Sent = Pick<Report, 'deliveries' | 'sentAgain' | 'duplicates' | 'refused' | 'wrongAnswers'>

async function deliverAll(
  options: Options,
  { stage, receive, queue }: { readonly stage: Stage; readonly receive: Fleet; readonly queue: AsyncQueue },
): Promise<Sent> {
  const deliveries = planDeliveries(options)
  const bodies = bodiesOf(stage, deliveries)
  const sent = { deliveries: deliveries.length, sentAgain: 0, duplicates: 0, refused: 0 }
  const wrongAnswers: string[] = []
  const left = deliveries.values()

  /** As Pinpoint does: again until it is answered. */
  async function answerTo(event: unknown): Promise<UrlResult> {
    for (;;) {
      const outcome = await receive.invoke(event)
      if (outcome.how === 'answered') return outcome.answer as UrlResult
      if (outcome.how === 'failed') throw outcome.error
      sent.sentAgain++
    }
  }

  async function deliverer(): Promise<void> {
    for (const { hire, forged, base64 } of left) {
      await until('the work to keep up', () => queue.open() < invocationsAhead, 120)
      const body = bodies[hire] ?? ''
      const event = deliveryEvent(body, forged ? { base64, signature: 'AAAA' } : { base64 })
      const { statusCode, body: answer } = await answerTo(event)
      if (statusCode !== (forged ? 401 : 200)) wrongAnswers.push(`${statusCode} ${answer}`)
      else if (forged) sent.refused++
      else if ((JSON.parse(answer) as { readonly duplicate: boolean }).duplicate) sent.duplicates++
    }
  }

  await Promise.all(Array.from({ length: options.receivers }, deliverer))
  return { ...sent, wrongAnswers }
}

/** One body for each hire, the same in each of its deliveries. */
function bodiesOf({ sandbox }: Stage, deliveries: readonly Delivery[]): readonly string[] {
  const people = Math.max(...deliveries.map(({ hire }) => hire)) + 1
  return Array.from({ length: people }, (_, index) => {
    const { id, job } = sandbox.pinpoint.addApplication({ email: `person-${index}@example.com` })
    return hireEvent(id, job.id)
  })
}

async function allEnded({ hires }: Options, { store }: Stage, queue: AsyncQueue): Promise<void> {
  await until(
    'all runs to end',
    async () => {
      if (queue.broken() !== undefined) throw queue.broken()
      await resumeCrashed(store)
      const runs = await store.runs.listRuns({ limit: 100_000 })
      return runs.length >= hires && runs.every(({ state }) => isFinished(state) || state === 'parked')
    },
    300,
  )
}

async function count({ hires }: Options, { sandbox, store, secrets }: Stage, fleets: readonly Fleet[]) {
  const events = await store.runs.listEvents({ limit: 100_000 })
  const runs = await store.runs.listRuns({ limit: 100_000 })
  const { rows } = await store.database.pool.query<{ taken_over: number; adopted: number }>(
    `select (select sum(takeovers)::int from runs) as taken_over,
      (select count(*)::int from effects where how = 'adopted') as adopted`,
  )
  const { twins, counts, wrongPerson } = sandbox.ledger()
  const states = runs
    .filter(({ state }) => state !== 'done')
    .map(({ state, code }) => `${state} ${code ?? ''}`)
  const kinds = [counts.employees, counts.documents, counts.comments]
  return {
    takenOver: rows[0]?.taken_over ?? 0,
    adopted: rows[0]?.adopted ?? 0,
    lost: Math.abs(hires - new Set(events.map(({ subject }) => subject)).size),
    doubled:
      Math.abs(events.length - hires) +
      Math.abs(runs.length - hires) +
      Object.values(twins).reduce((sum, groups) => sum + groups.length, 0),
    wrongPerson: wrongPersonTold(wrongPerson).length,
    missing: kinds.reduce((sum, made) => sum + Math.abs(hires - made), 0),
    notDone: Object.fromEntries(
      [...Map.groupBy(states, (state) => state)].map(([state, all]) => [state, all.length]),
    ),
    failed: fleets.reduce((sum, fleet) => sum + fleet.counts().failed, 0),
    leaks:
      counts.leaks +
      fleets.reduce(
        (sum, fleet) => sum + secrets.filter((secret) => fleet.output().includes(secret)).length,
        0,
      ),
  }
}
