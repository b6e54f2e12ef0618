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

/** Call at the top of a test file; `open` makes a world whose parts all end with the test. */
export function useFunctions(program: string): (options?: WorldOptions) => Promise<Functions> {
  const endings: (() => Promise<void>)[] = []
  let taskRoot = ''

  beforeAll(async () => {
    taskRoot = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-task-'))
    await bundleLambda(taskRoot)
  }, 60_000)
  afterAll(() => rm(taskRoot, { recursive: true, force: true }))
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end()
  })

  return async (options = {}) => {
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
}
