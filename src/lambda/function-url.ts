/**
 * A function URL's event as a request for the HTTP app, and its response as Lambda expects it. The body's bytes are
 * unchanged: a signature is over them.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads (payload format 2.0)
 */
export interface FunctionUrlEvent {
  readonly rawPath: string
  readonly rawQueryString?: string
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly cookies?: readonly string[]
  readonly body?: string
  readonly isBase64Encoded?: boolean
  readonly requestContext: {
    readonly domainName?: string
    readonly http: { readonly method: string; readonly sourceIp?: string }
  }
}

export interface FunctionUrlResult {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly cookies?: readonly string[]
  readonly body: string
  readonly isBase64Encoded: boolean
}

export function toRequest(event: FunctionUrlEvent): Request {
  const { rawPath, rawQueryString = '', requestContext } = event
  const { method } = requestContext.http
  const query = rawQueryString === '' ? '' : `?${rawQueryString}`
  const body = bodyOf(event)
  // A path such as //host/ must stay a path.
  const url = new URL(`https://${requestContext.domainName ?? 'localhost'}`)
  return new Request(`${url.origin}${rawPath.startsWith('/') ? rawPath : `/${rawPath}`}${query}`, {
    method,
    headers: headersOf(event, body),
    ...(method === 'GET' || method === 'HEAD' || body === undefined ? {} : { body }),
  })
}

/** Bindings for the app: the caller of the function URL, according to AWS. */
export function bindingsOf({ requestContext }: FunctionUrlEvent): { readonly peer: string | undefined } {
  return { peer: requestContext.http.sourceIp }
}

export async function toResult(response: Response): Promise<FunctionUrlResult> {
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== 'set-cookie'))
  const cookies = response.headers.getSetCookie()
  const bytes = Buffer.from(await response.arrayBuffer())
  const text = isText(response.headers)
  return {
    statusCode: response.status,
    headers,
    ...(cookies.length === 0 ? {} : { cookies }),
    body: bytes.toString(text ? 'utf8' : 'base64'),
    isBase64Encoded: !text,
  }
}

function bodyOf({ body, isBase64Encoded = false }: FunctionUrlEvent): Uint8Array<ArrayBuffer> | undefined {
  return body === undefined
    ? undefined
    : new Uint8Array(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'))
}

function headersOf(event: FunctionUrlEvent, body: Uint8Array | undefined): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(event.headers ?? {})) {
    // Lambda passes header bytes as text; a value that is not valid in a header cannot be one that we need.
    if (value !== undefined && isHeaderText(value)) headers.set(name, value)
  }
  if (event.cookies !== undefined && event.cookies.length > 0) headers.set('cookie', event.cookies.join('; '))
  // The size limit reads this; the sender's value may be that of the encoded body.
  if (body !== undefined) headers.set('content-length', String(body.byteLength))
  return headers
}

function isHeaderText(value: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
}

function isText(headers: Headers): boolean {
  if (headers.has('content-encoding')) return false
  const type = headers.get('content-type') ?? 'text/plain'
  return /^(text\/|application\/(json|javascript|xml|yaml|.+\+(json|xml)|x-www-form-urlencoded)|image\/svg\+xml)/.test(
    type,
  )
}
