/** Both functions on a world: the bundle as it is deployed, secrets where AWS keeps them, and events as a function URL makes them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, afterEach, beforeAll } from 'vitest'

import { signPinpoint } from '../../sandbox/index.ts'
import { bundleLambda } from '../../scripts/bundle-lambda.ts'
import { openWorld, signingSecret, type World, type WorldOptions } from '../support/world.ts'
import { type FakeAws, startFakeAws } from './fake-aws.ts'
import { type Instance, startInstance } from './lambda-instance.ts'

export interface Functions {
  readonly world: World
  readonly aws: FakeAws
  receive(env?: Readonly<Record<string, string>>): Promise<Instance>
  work(env?: Readonly<Record<string, string>>): Promise<Instance>
}

export interface UrlResult {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
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
    const start = async (name: 'receive' | 'work', env: Readonly<Record<string, string>> = {}) => {
      const instance = await startInstance({
        program,
        taskRoot,
        handler: `src/lambda/${name}.handler`,
        functionName: name,
        env: {
          ...aws.env,
          DATABASE_URL_SECRET: 'arn:database',
          ENCRYPTION_KEYS_SECRET: 'arn:keys',
          WORK_FUNCTION: 'the-work-function',
          DANGEROUS_ALLOW_PRIVATE_NETWORK: 'true',
          WORKER_CONCURRENCY: '4',
          ...env,
        },
      })
      endings.push(() => instance.kill())
      return instance
    }
    return { world, aws, receive: (env) => start('receive', env), work: (env) => start('work', env) }
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads */
export function urlEvent(
  path: string,
  {
    body,
    headers = {},
    base64 = false,
    method = body === undefined ? 'GET' : 'POST',
  }: {
    readonly body?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly base64?: boolean
    readonly method?: string
  } = {},
) {
  const { pathname, search } = new URL(path, 'https://abc.lambda-url.eu-west-1.on.aws')
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers: { 'content-type': 'application/json', host: 'abc.lambda-url.eu-west-1.on.aws', ...headers },
    requestContext: {
      accountId: 'anonymous',
      domainName: 'abc.lambda-url.eu-west-1.on.aws',
      http: { method, path: pathname, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      stage: '$default',
    },
    ...(body === undefined ? {} : { body: base64 ? Buffer.from(body).toString('base64') : body }),
    isBase64Encoded: base64,
  }
}

/** A delivery as Pinpoint sends it to the function URL. */
export function deliveryEvent(
  body: string,
  { base64 = false, signature = signPinpoint(signingSecret, body) } = {},
) {
  return urlEvent('/webhooks/pinpoint/acme', { body, base64, headers: { 'pinpoint-hmac-sha256': signature } })
}

export async function invokeUrl(
  instance: Instance,
  event: unknown,
  limit?: { readonly milliseconds: number },
): Promise<{ readonly status: number; readonly headers: UrlResult['headers']; readonly json: unknown }> {
  const { statusCode, headers, body } = (await instance.invoke(event, limit)) as UrlResult
  return { status: statusCode, headers, json: JSON.parse(body) as unknown }
}
