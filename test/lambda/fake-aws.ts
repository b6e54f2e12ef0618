/** What the functions ask of AWS, on loopback: values of Secrets Manager, and asynchronous invocations of Lambda. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface AsyncInvocation {
  readonly functionName: string
  readonly type: string | undefined
  readonly payload: unknown
}

export interface FakeAws {
  /** The variables that point AWS's clients here. */
  readonly env: Readonly<Record<string, string>>
  readonly secrets: Map<string, string>
  /** How often each secret was read. */
  readonly reads: Map<string, number>
  readonly invocations: AsyncInvocation[]
  /** Told of each, for whoever delivers it as Lambda does. */
  onInvocation: (invocation: AsyncInvocation) => void
  /** `hang` never answers. */
  lambda: 'works' | 'fails' | 'hang'
  close(): Promise<void>
}

export async function startFakeAws(): Promise<FakeAws> {
  const secrets = new Map<string, string>()
  const reads = new Map<string, number>()
  const invocations: AsyncInvocation[] = []
  const server = createServer((request, response) => {
    const answer = request.headers['x-amz-target'] === 'secretsmanager.GetSecretValue' ? secret : invoke
    answer(request, response).catch((error: unknown) => {
      // The function that asked has been killed in the middle of its request.
      if (request.complete) throw error
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const fake: FakeAws = {
    env: {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_LAMBDA: url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
    },
    secrets,
    reads,
    invocations,
    onInvocation: () => undefined,
    lambda: 'works',
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return fake

  async function secret(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { SecretId: arn } = JSON.parse(await text(request)) as { readonly SecretId: string }
    reads.set(arn, (reads.get(arn) ?? 0) + 1)
    const value = secrets.get(arn)
    response.setHeader('content-type', 'application/x-amz-json-1.1')
    if (value === undefined) response.writeHead(400).end('{"__type":"ResourceNotFoundException"}')
    else response.end(JSON.stringify({ ARN: arn, Name: arn, SecretString: value }))
  }

  async function invoke(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    if (fake.lambda === 'hang') return
    if (fake.lambda === 'fails') {
      response.writeHead(429, { 'content-type': 'application/json' }).end('{"Type":"User"}')
      return
    }
    const [, functionName = ''] =
      /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url ?? '') ?? []
    const type = request.headers['x-amz-invocation-type']
    const invocation = {
      functionName: decodeURIComponent(functionName),
      type: typeof type === 'string' ? type : undefined,
      payload: JSON.parse(body) as unknown,
    }
    invocations.push(invocation)
    response.writeHead(202).end()
    fake.onInvocation(invocation)
  }
}
