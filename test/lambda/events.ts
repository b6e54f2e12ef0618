/** Events as a function URL makes them, and its answers. */
import { signPinpoint } from '../../sandbox/index.ts'
import type { Instance } from './lambda-instance.ts'

/** The one of test/support/world.ts, which can be imported by Vitest only. */
export const signingSecret = 'test_signing_secret'

export interface UrlResult {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
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
