/** The only outside HTTP client: one pool of connections, one interceptor per run, closed once. */
import type { Dispatcher } from 'undici'

import type { Clock } from '../base/clock.ts'
import type { DownloadFile, OpenHttp } from '../base/http.ts'
import { allowedUrl, createAgent } from './agent.ts'
import { createAnswerPlaces } from './answer-places.ts'
import type { CallInterceptor } from './call-interceptor.ts'
import { downloadFile } from './download.ts'
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
  readonly onCall?: (metrics: CallMetrics) => void
  /** The operator of this service, for the APIs that ask for it. */
  readonly vendorName?: string | undefined
}

export interface Outbound {
  /** Clients whose calls pass this interceptor; `readOnly` ones refuse every call that is not a read. */
  openHttp(interceptor: CallInterceptor, options: { readonly readOnly: boolean }): OpenHttp
  readonly download: DownloadFile
  /** Aborts what is still under way. */
  close(): Promise<void>
}

export function createOutbound({
  allowPrivateNetwork,
  clock,
  privateDestinations = [],
  proxies,
  agent: given,
  onCall = () => undefined,
  vendorName,
}: OutboundOptions): Outbound {
  const closing = new AbortController()
  const places = createAnswerPlaces({ clock, closing: closing.signal })
  const agent = given ?? createAgent({ allowPrivateNetwork, privateDestinations, proxies })
  // The operator has not named the links in answers, nor their redirects.
  const files =
    given ?? (privateDestinations.length === 0 ? agent : createAgent({ allowPrivateNetwork, proxies }))
  return {
    openHttp:
      (interceptor, { readOnly }) =>
      (client) => {
        const base = allowedUrl(client.baseUrl, allowPrivateNetwork)
        if (base === undefined) {
          throw addressRefused({ destination: client.destination, bucket: 'address', effect: false })
        }
        const deps = { agent, clock, interceptor, readOnly, vendorName, onCall, places }
        return { send: (request) => sendCall(deps, { ...client, base }, request) }
      },
    download: (url, options) =>
      downloadFile({ agent: files, clock, allowPrivateNetwork, onCall }, url, options),
    async close() {
      closing.abort()
      await Promise.all([...new Set([agent, files])].map((dispatcher) => dispatcher.destroy()))
    },
  }
}
