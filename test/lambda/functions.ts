/** Both functions on a world: the bundle as it is deployed, and secrets where AWS keeps them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, afterEach, beforeAll } from 'vitest'

import { bundleLambda } from '../../scripts/bundle-lambda.ts'
import { openWorld, type World, type WorldOptions } from '../support/world.ts'
import { type FakeAws, startFakeAws } from './fake-aws.ts'
import type { Instance } from './lambda-instance.ts'
import { functionStarter } from './start-function.ts'

export interface Functions {
  readonly world: World
  readonly aws: FakeAws
  receive(env?: Readonly<Record<string, string>>): Promise<Instance>
  work(env?: Readonly<Record<string, string>>): Promise<Instance>
}

export interface OpenFunctions {
  /** A world whose parts all end with the test. */
  (options?: WorldOptions): Promise<Functions>
  /** The same for tests that run at once: it ends with `play`. */
  readonly within: (options: WorldOptions, play: (functions: Functions) => Promise<void>) => Promise<void>
}

/** Call at the top of a test file. */
export function useFunctions(program: string): OpenFunctions {
  const endings: Ending[] = []
  let taskRoot = ''

  beforeAll(async () => {
    taskRoot = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-task-'))
    await bundleLambda(taskRoot)
  }, 60_000)
  afterAll(() => rm(taskRoot, { recursive: true, force: true }))
  afterEach(() => endAll(endings))

  const open = (options: WorldOptions = {}) => openFunctions({ program, taskRoot, endings }, options)
  const within: OpenFunctions['within'] = async (options, play) => {
    const own: Ending[] = []
    try {
      await play(await openFunctions({ program, taskRoot, endings: own }, options))
    } finally {
      await endAll(own)
    }
  }
  return Object.assign(open, { within })
}

type Ending = () => Promise<void>

async function endAll(endings: Ending[]): Promise<void> {
  for (const end of endings.splice(0).reverse()) await end()
}

async function openFunctions(
  {
    program,
    taskRoot,
    endings,
  }: { readonly program: string; readonly taskRoot: string; readonly endings: Ending[] },
  options: WorldOptions,
): Promise<Functions> {
  const world = await openWorld({ ...options, service: false })
  endings.push(() => world.close())
  const aws = await startFakeAws()
  endings.push(() => aws.close())
  aws.secrets.set('arn:database', world.env['DATABASE_URL'] ?? '')
  aws.secrets.set('arn:keys', world.env['ENCRYPTION_KEYS'] ?? '')
  const starter = functionStarter({ program, taskRoot, aws })
  const start = async (...given: Parameters<typeof starter>) => {
    const instance = await starter(...given)
    endings.push(() => instance.kill())
    return instance
  }
  return { world, aws, receive: (env) => start('receive', env), work: (env) => start('work', env) }
}
