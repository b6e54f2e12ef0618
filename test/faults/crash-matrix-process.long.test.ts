import { describe, expect, it } from 'vitest'

import type { CrashPoint } from '../../sandbox/crash-kit/crash-point.ts'
import { decoratePorts } from '../../sandbox/crash-kit/decorate-ports.ts'
import { CrashReached, openConnectionKiller, throwAt } from '../../sandbox/crash-kit/harms.ts'
import { judge, leaksIn } from '../../sandbox/crash-kit/judge.ts'
import { pace } from '../../sandbox/crash-kit/pace.ts'
import { createPlans, type Plan } from '../../sandbox/crash-kit/plans.ts'
import { type Hire, openStage, type Stage } from '../../sandbox/crash-kit/stage.ts'
import { plainHire } from '../../sandbox/crash-kit/subject.ts'
import { startVictim } from '../../sandbox/crash-kit/victim-process.ts'
import { startSandbox } from '../../sandbox/index.ts'
import { startService } from '../../src/app/service.ts'
import { hibobSubject } from '../support/crash-subjects.ts'
import { freshDatabase } from '../support/database.ts'
import { handBackPoints, takeOverErrors, takeOverPoints } from '../support/process-points.ts'

const account = 'acme'
const anywhere = { account: '*', step: '', nth: 1 } as const

describe.concurrent(
  'a service that starts on the run of a killed one',
  () => {
    it.each(takeOverErrors)('and fails at %s: the next start finishes it', (point) =>
      withHire(async (scene) => {
        await leaveRunBehind(scene)
        const { stage } = scene
        const plans = createPlans()
        void plans.add({ ...anywhere, point, level: 'port', harm: throwAt })
        await expect(start(stage, plans.reach)).rejects.toThrow(CrashReached)
      }),
    )

    it.each(takeOverPoints)('and loses the database at %s: it goes on by itself', (point) =>
      withHire(async (scene) => {
        await leaveRunBehind(scene)
        const { stage, hire } = scene
        const killer = openConnectionKiller(stage.config.databaseUrl ?? '')
        const plans = createPlans()
        void plans.add({ ...anywhere, point, level: levelOf(point), harm: killer.harm })
        const service = await start(stage, plans.reach, killer.opened)
        expect(plans.pending()).toEqual([])
        scene.url = service.url
        await Promise.all(scene.delivering)
        expect(await judge(stage, [hire])).toEqual([])
        await service.close()
        await killer.close()
      }),
    )

    it.each(takeOverPoints)('and is killed at %s: the next start finishes it', (point) =>
      withHire(async (scene) => {
        await leaveRunBehind(scene)
        const { stage, lines } = scene
        const second = await startVictim(order(stage, { ...anywhere, point }), stage.env, lines)
        expect(await second.ended).toEqual({ signal: 'SIGKILL' })
      }),
    )
  },
  60_000,
)

describe.concurrent(
  'a service that is stopped with a run under way',
  () => {
    it.each(handBackPoints)('and fails at %s: another finishes it', (point) =>
      withHire(async ({ stage, hire }) => {
        const plans = createPlans()
        void plans.add({ ...anywhere, account, point, level: 'port', harm: throwAt })
        await stopWhileHeld(stage, hire, await start(stage, plans.reach))
        expect(plans.pending()).toEqual([])
      }),
    )

    it.each(handBackPoints)('and loses the database at %s: another finishes it', (point) =>
      withHire(async ({ stage, hire }) => {
        const killer = openConnectionKiller(stage.config.databaseUrl ?? '')
        const plans = createPlans()
        void plans.add({ ...anywhere, account, point, level: levelOf(point), harm: killer.harm })
        await stopWhileHeld(stage, hire, await start(stage, plans.reach, killer.opened))
        expect(plans.pending()).toEqual([])
        await killer.close()
      }),
    )

    it.each(handBackPoints)('and is killed at %s: another finishes it', (point) =>
      withHire(async ({ stage, hire, lines }) => {
        const place = { ...anywhere, account, point }
        const victim = await startVictim(
          order(stage, place),
          { ...stage.env, SHUTDOWN_GRACE_SECONDS: '0' },
          lines,
        )
        const stop = async () => {
          victim.kill('SIGTERM')
          expect(await victim.ended).toEqual({ signal: 'SIGKILL' })
        }
        await stopWhileHeld(stage, hire, { url: victim.url ?? '', close: stop })
      }),
    )
  },
  60_000,
)

interface Scene {
  readonly stage: Stage
  readonly hire: Hire
  /** What other processes wrote. */
  readonly lines: string[]
  /** Deliveries that nobody has acknowledged yet; Pinpoint sends them again. */
  readonly delivering: Promise<void>[]
  /** Of the process that lives. */
  url: string
}

/** Whatever happened in `play`, a service that is started afterwards makes it good. */
async function withHire(play: (scene: Scene) => Promise<void>): Promise<void> {
  const database = await freshDatabase()
  const sandbox = await startSandbox()
  const stage = await openStage(hibobSubject(sandbox), sandbox, database.url)
  const [hire] = await stage.prepare([{ account, scenario: plainHire }])
  if (hire === undefined) throw new Error('no hire was prepared')
  const scene: Scene = { stage, hire, lines: [], delivering: [], url: '' }
  await play(scene)
  const survivor = await startService(stage.config, stage.log, pace)
  scene.url = survivor.url
  await Promise.all(scene.delivering)
  expect(await judge(stage, [hire])).toEqual([])
  expect(leaksIn([...scene.lines, ...stage.lines].join('\n'), stage.secrets)).toEqual([])
  await survivor.close()
  await stage.close()
  await sandbox.close()
  await database.drop()
}

/** A process has taken the run and is dead, perhaps before its 200 has left the machine. */
async function leaveRunBehind(scene: Scene): Promise<void> {
  const { stage, hire, lines } = scene
  const place = { account, point: 'http.send.before', step: 'hibob POST /people/search', nth: 1 } as const
  const victim = await startVictim(order(stage, place), stage.env, lines)
  scene.url = victim.url ?? ''
  scene.delivering.push(stage.deliver(hire, () => scene.url))
  expect(await victim.ended).toEqual({ signal: 'SIGKILL' })
}

async function stopWhileHeld(
  stage: Stage,
  hire: Hire,
  service: { readonly url: string; close(): Promise<void> },
): Promise<void> {
  const effect = { hold: 'before' } as const
  const { sandbox } = stage
  const held = sandbox.faults.add({ system: 'hibob', operation: 'people.search', account, effect })
  await stage.deliver(hire, () => service.url)
  await sandbox.faults.whenHeld(held.id)
  await service.close()
  sandbox.faults.remove(held.id)
}

function start(
  stage: Stage,
  reach: Parameters<typeof decoratePorts>[0],
  opened: (pid: number) => void = () => {},
) {
  const config = { ...stage.config, shutdownGraceSeconds: 0 }
  return startService(config, stage.log, { decorate: decoratePorts(reach, { opened }), ...pace })
}

function order(stage: Stage, place: Pick<Plan, 'account' | 'point' | 'step' | 'nth'>) {
  return { ...place, module: stage.subject.module.href, ...pace }
}

/** After the statement: the database has done it, and its answer is lost. */
function levelOf(point: CrashPoint): Plan['level'] {
  return point.endsWith('.after') ? 'statement' : 'port'
}
