/** The port through which clients call the outside. `outbound/` implements it; nothing else opens a socket. */
import type { JsonObject } from './json.ts'
import type { DeclaredLimits } from './rate-limit.ts'
import type { ReadRefusal, Refusal } from './refusal.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the client's base URL, starting with `/`, or empty. Path segments must already be URL-encoded. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. At most one of `json`, `text` and `file`. */
  readonly json?: JsonObject
  /** Sent byte for byte (signed bodies); name its `content-type` in `headers`. */
  readonly text?: string
  /** Sent as `multipart/form-data` with this one part. */
  readonly file?: {
    readonly field: string
    readonly name: string
    readonly type: string
    readonly bytes: Uint8Array
  }
  /** The destination's rate limit that this call counts against, such as `search`. */
  readonly bucket: string
  /** Names the call in metrics, such as `people.search`: never a URL or an id. Default: the bucket's name. */
  readonly operation?: string
  /** True for a call that makes something: when its answer is lost, its outcome is unclear. */
  readonly effect?: boolean
  /** True for a call other than GET that only reads, such as a search by POST: allowed to a read-only client. */
  readonly read?: boolean
  /** `json` (default): a 2xx whose body is not JSON is a failure. `any`: every body is accepted. */
  readonly body?: 'json' | 'any'
  /** True for a list, or an answer that includes many objects: it may have 2 MiB. Default: 1 MiB. */
  readonly list?: boolean
  /** Statuses outside 2xx that are answers to this call rather than failures, such as 404 for a look-up. */
  readonly answers?: readonly number[]
  /** The permission that the call needs, as the destination names it. Default: the bucket's name. */
  readonly right?: string
  /** True if the work can do without that permission: a `PermissionMissing` then concerns this call only. */
  readonly optional?: boolean
}

export interface HttpAnswer {
  readonly status: number
  readonly contentType: string
  /** The parsed body; undefined when it is empty or not JSON. */
  readonly json: unknown
  /** For a status of 400 or more: what the destination objects to. */
  readonly refusal?: Refusal
  /** The id under which the vendor logged the call. A failure with it in its details shows it in the run's timeline. */
  readonly requestId?: string
}

/**
 * `send` resolves with 2xx and with the statuses named in `answers`. Everything else is thrown as a `Failure`: refused credentials
 * as a `NeedsPerson` that pauses the connection, a refused permission as a `PermissionMissing` (which does not pause it when the call
 * is `optional`), an answer in no shape of the API as an `UnrecognisedAnswer`, 429 as a free `RetryLater` until the limit's reset,
 * 5xx, timeouts and resets as a `RetryLater` (unclear when `effect`), other 4xx and redirects as a `NeedsPerson`, and a read
 * whose answer exceeds the limit as an `AnswerTooLarge`: ask for less.
 */
export interface Http {
  send(request: HttpRequest): Promise<HttpAnswer>
}

export interface OpenHttp {
  /** A client bound to one base URL and its credentials, which it sends to that host only. */
  (options: {
    readonly baseUrl: string
    readonly headers: Readonly<Record<string, string>>
    /** Name used in failure codes and metrics, such as `hibob`. */
    readonly destination: string
    /** How long one call may take, in seconds. Default 30. */
    readonly timeoutSeconds?: number
    /** Limits that the vendor documents for every bucket of this client and does not send in headers. */
    readonly limits?: DeclaredLimits
    /** Reads the destination's refusals. Default: JSON with a member that most APIs have, such as `error`. */
    readonly refusals?: ReadRefusal
    /** True where integrators are asked to name themselves in `x-vendor-name`. Sent when `VENDOR_NAME` is set. */
    readonly namesVendor?: boolean
  }): Http
}

export interface Download {
  readonly bytes: Uint8Array
  readonly contentType: string
}

/** Downloads a file without credentials, following redirects. `too_large` as soon as it exceeds `maxBytes`. */
export type DownloadFile = (
  url: string,
  options: { readonly maxBytes: number },
) => Promise<Download | 'too_large'>
