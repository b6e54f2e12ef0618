/**
 * Downloads a file (a CV) by a link that is itself a secret: without credentials, over redirects that are each checked,
 * with a memory limit, and continued where it broke off if the server can.
 */
import { type Dispatcher, request as send } from 'undici'

import type { Clock } from '../base/clock.ts'
import { Failure, RetryLater } from '../base/failure.ts'
import type { Download } from '../base/http.ts'
import { withinTime } from '../base/time-limit.ts'
import { allowedUrl } from './agent.ts'
import { decoded, isCoded } from './content-coding.ts'
import { headerOf, retryAtAfterFailure } from './rate-limit-headers.ts'
import type { CallMetrics } from './send.ts'
import type { Call } from './status-to-failure.ts'
import { addressRefused, transportFailure } from './transport-failure.ts'

const most = { redirects: 5, attempts: 3, milliseconds: 120_000, silence: 15_000 } as const
const call: Call = { destination: 'file', bucket: 'download', effect: false }

export interface DownloadDeps {
  readonly agent: Dispatcher
  readonly clock: Clock
  readonly allowPrivateNetwork: boolean
  readonly onCall: (metrics: CallMetrics) => void
}

export interface DownloadOptions {
  readonly maxBytes: number
  /** Called before so many bytes are received, or as many as the file may have where its server does not say how large it is. */
  readonly reserve: (bytes: number) => Promise<void>
}

type Response = Awaited<ReturnType<typeof send>>

/** What has arrived so far; a later attempt continues from here. */
interface Part {
  readonly bytes: Buffer[]
  length: number
  readonly contentType: string
  /** `Content-Encoding`: blank for a file without a coding. */
  readonly coding: string
  /** The length of the whole file, and its version: only the rest of the same file may follow. */
  readonly total: number | undefined
  readonly etag: string | undefined
}
const nothing = (): Part => ({
  bytes: [],
  length: 0,
  contentType: '',
  coding: '',
  total: undefined,
  etag: undefined,
})

export async function downloadFile(
  deps: DownloadDeps,
  url: string,
  options: DownloadOptions,
): Promise<Download | 'too_large'> {
  const work = (signal: AbortSignal) => download(deps, { url, signal, ...options })
  try {
    return await withinTime({ clock: deps.clock, milliseconds: most.milliseconds }, work)
  } catch (error) {
    throw error instanceof Failure ? error : transportFailure(call, error)
  }
}

async function download(
  deps: DownloadDeps,
  { url, signal, ...options }: { readonly url: string; readonly signal: AbortSignal } & DownloadOptions,
): Promise<Download | 'too_large'> {
  let part = nothing()
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await open(deps, { url, signal, part })
      if (!continues(response, part)) part = beginningOf(response)
      if ((await receive(response, part, options)) === 'too_large') return 'too_large'
      return await fileOf(part, options)
    } catch (error) {
      if (error instanceof OtherRange) part = nothing()
      else if (error instanceof Failure && !mayPass(error)) throw error
      if (attempt === most.attempts || signal.aborted) throw error
      await deps.clock.sleep(100 * attempt, signal)
    }
  }
}

/** Follows redirects itself: each address is checked, and receives no header that could be a credential. */
async function open(
  deps: DownloadDeps,
  { url, signal, part }: { readonly url: string; readonly signal: AbortSignal; readonly part: Part },
): Promise<Response> {
  let next = url
  for (let redirects = 0; redirects <= most.redirects; redirects++) {
    const address = allowedUrl(next, deps.allowPrivateNetwork)
    if (address === undefined) throw addressRefused(call)
    const response = await openOne(deps, { address, signal, part })
    const location = headerOf(response.headers, 'location')
    if (response.statusCode < 300 || response.statusCode >= 400 || location === undefined) {
      return accepted(response, deps.clock.now())
    }
    skip(response.body)
    next = URL.parse(location, address.href)?.href ?? location
  }
  throw new RetryLater(
    'file.redirects_endlessly',
    `The file's link redirects more than ${most.redirects} times.`,
    { details: { destination: call.destination } },
  )
}

async function openOne(
  { agent, clock, onCall }: DownloadDeps,
  { address, signal, part }: { readonly address: URL; readonly signal: AbortSignal; readonly part: Part },
): Promise<Response> {
  const startedAt = clock.now().getTime()
  let status = 0
  try {
    const response = await send(address, {
      dispatcher: agent,
      headers: { 'user-agent': 'pinpoint-webhooks', 'accept-encoding': 'identity', ...rest(part) },
      signal,
      headersTimeout: most.silence,
      bodyTimeout: most.silence,
    })
    status = response.statusCode
    return response
  } finally {
    const { destination, bucket } = call
    onCall({
      destination,
      bucket,
      operation: bucket,
      status,
      milliseconds: clock.now().getTime() - startedAt,
      repetition: false,
    })
  }
}

/** A redirect's body is short: after it is read to its end, the connection can be reused. */
function skip(body: Response['body']): void {
  void body.dump({ limit: 16_384 })
}

/** Closes the connection of a body that is not read; the error of that is of no interest. */
function discard(body: Response['body']): void {
  body.once('error', () => undefined)
  body.destroy()
}

/** If something in between compresses, the meaning of a byte range is unclear: such a file is fetched whole. */
function rest({ length, total, etag, coding }: Part): Record<string, string> {
  if (length === 0 || total === undefined || coding !== '') return {}
  return { range: `bytes=${length}-`, ...(etag === undefined ? {} : { 'if-range': etag }) }
}

/** The file's server has a bad moment, and does not say when to come back. */
function mayPass(failure: Failure): boolean {
  if (!(failure instanceof RetryLater) || failure.after !== undefined) return false
  return Number(failure.details['status']) >= 500
}

/** Whatever the refusal, the next attempt of the run asks Pinpoint for a fresh link. */
function accepted(response: Response, now: Date): Response {
  const { statusCode: status, headers } = response
  if (status === 200 || status === 206) return response
  discard(response.body)
  if (status === 416) throw new OtherRange()
  const after = retryAtAfterFailure(headers, now)
  throw new RetryLater(
    'file.not_available',
    `The file could not be fetched (${status}); its link may have expired.`,
    {
      details: { destination: call.destination, status },
      ...(after === undefined ? {} : { after }),
    },
  )
}

/** The file has changed meanwhile, or the server counts differently: start over. */
class OtherRange extends Error {
  override readonly name = 'OtherRange'
}

/** True when these are the missing bytes of the same file. */
function continues({ statusCode, headers, body }: Response, part: Part): boolean {
  if (statusCode !== 206) return false
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(headerOf(headers, 'content-range') ?? '')
  const same = codingOf(headers) === part.coding
  if (same && range !== null && Number(range[1]) === part.length && Number(range[2]) === part.total)
    return true
  discard(body)
  throw new OtherRange()
}

function beginningOf({ headers }: Response): Part {
  const length = headerOf(headers, 'content-length')
  const etag = headerOf(headers, 'etag')
  return {
    bytes: [],
    length: 0,
    contentType: headerOf(headers, 'content-type') ?? '',
    coding: codingOf(headers),
    total: length === undefined ? undefined : Number(length),
    // A weak tag does not promise the same bytes.
    etag: etag?.startsWith('W/') === true ? undefined : etag,
  }
}

function codingOf(headers: Response['headers']): string {
  const coding = headerOf(headers, 'content-encoding')?.trim() ?? ''
  return coding.toLowerCase() === 'identity' ? '' : coding
}

/** Decoded, it may be as large as it likes. */
async function fileOf(part: Part, { maxBytes, reserve }: DownloadOptions): Promise<Download | 'too_large'> {
  const { contentType, coding } = part
  const received = Buffer.concat(part.bytes, part.length)
  if (isCoded(coding, received)) await reserve(maxBytes)
  const bytes = await decoded(received, { coding, maxBytes })
  return bytes === 'too_large' ? bytes : { bytes, contentType }
}

async function receive(
  { body }: Response,
  part: Part,
  { maxBytes, reserve }: DownloadOptions,
): Promise<'complete' | 'too_large'> {
  if ((part.total ?? 0) > maxBytes) {
    discard(body)
    return 'too_large'
  }
  try {
    await reserve(part.total ?? maxBytes)
  } catch (error) {
    discard(body)
    throw error
  }
  // Leaving the loop early closes the connection.
  for await (const chunk of body as AsyncIterable<Buffer>) {
    part.length += chunk.length
    if (part.length > maxBytes) return 'too_large'
    part.bytes.push(chunk)
  }
  return 'complete'
}
