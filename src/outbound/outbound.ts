/** The only outside HTTP client: one pool of connections, one interceptor per run, closed once. */
import type { Dispatcher } from 'undici'

import type { Clock } from '../base/clock.ts'
import type { DownloadFile, OpenHttp } from '../base/http.ts'
import type { DeclaredLimits, DeclaredWindow } from '../base/rate-limit.ts'
import { allowedUrl, createAgent } from './agent.ts'
import { createAnswerPlaces } from './answer-places.ts'
import type { CallInterceptor } from './call-interceptor.ts'
import { downloadFile, type DownloadOptions } from './download.ts'
import type { Proxies } from './proxy.ts'
import { type CallMetrics, sendCall } from './send.ts'
import { addressRefused } from './transport-failure.ts'

export interface OutboundOptions {
  /** True allows destinations on private addresses and plain http: tests and sandboxes only. */
  readonly allowPrivateNetwork: boolean
  /** `host:port` pairs that API calls may go to at any address, and downloads may not. */
  readonly privateDestinations?: readonly string[]
  readonly clock: Clock
  /** Default: direct connections. */
  readonly proxies?: Proxies | undefined
  /** Sends the calls. Default: its own pool of connections. */
  readonly agent?: Dispatcher
  readonly onCall?: OnCall
  /** The operator of this service, for the APIs that ask for it. */
  readonly vendorName?: string | undefined
  /** By destination: what the operator has agreed with the vendor, in place of the limits that it documents. */
  readonly agreedLimits?: Readonly<Record<string, readonly DeclaredWindow[]>>
  /** Spreads the repetitions of reads: 0 ≤ chance < 1. Default: `Math.random`. */
  readonly chance?: () => number
}

/** Called for each of these calls, beside the `onCall` of all calls. */
export interface Counting {
  readonly onCall?: OnCall
}

type OnCall = (metrics: CallMetrics) => void

export interface Outbound {
  /** What holds in place of the limits that a vendor documents; usually these. */
  limitsOf(destination: string, documented: DeclaredLimits): DeclaredLimits
  /** Clients whose calls pass this interceptor; `readOnly` ones refuse every call that is not a read. */
  openHttp(interceptor: CallInterceptor, options: { readonly readOnly: boolean } & Counting): OpenHttp
  readonly download: (
    url: string,
    options: Pick<DownloadOptions, 'maxBytes'> & Partial<DownloadOptions> & Counting,
  ) => ReturnType<DownloadFile>
  /** Aborts what is still under way. */
  close(): Promise<void>
}

export function createOutbound({
  allowPrivateNetwork,
  clock,
  privateDestinations = [],
  proxies,
  agent: given,
  onCall: onEach = () => undefined,
  vendorName,
  agreedLimits = {},
  chance = Math.random,
}: OutboundOptions): Outbound {
  const limitsOf: Outbound['limitsOf'] = (destination, documented) => {
    const windows = agreedLimits[destination]
    return windows === undefined ? documented : { ...documented, windows }
  }
  const closing = new AbortController()
  const places = createAnswerPlaces({ clock, closing: closing.signal })
  const agent = given ?? createAgent({ allowPrivateNetwork, privateDestinations, proxies })
  // The operator has not named the links in answers, nor their redirects.
  const files =
    given ?? (privateDestinations.length === 0 ? agent : createAgent({ allowPrivateNetwork, proxies }))
  return {
    limitsOf,
    openHttp:
      (interceptor, { readOnly, onCall }) =>
      (client) => {
        const base = allowedUrl(client.baseUrl, allowPrivateNetwork)
        if (base === undefined) {
          throw addressRefused({ destination: client.destination, bucket: 'address', effect: false })
        }
        const deps = {
          agent,
          clock,
          interceptor,
          readOnly,
          vendorName,
          onCall: both(onEach, onCall),
          places,
          chance,
          closing: closing.signal,
        }
        const limits = client.limits && limitsOf(client.destination, client.limits)
        const options = { ...client, ...(limits !== undefined && { limits }), base }
        return { send: (request) => sendCall(deps, options, request) }
      },
    download: (url, { maxBytes, reserve = async () => undefined, onCall }) =>
      downloadFile({ agent: files, clock, allowPrivateNetwork, onCall: both(onEach, onCall) }, url, {
        ...{ maxBytes, reserve },
      }),
    async close() {
      closing.abort()
      await Promise.all([...new Set([agent, files])].map((dispatcher) => dispatcher.destroy()))
    },
  }
}

function both(all: OnCall, these: OnCall = () => undefined): OnCall {
  return (metrics) => {
    all(metrics)
    these(metrics)
  }
}
