/** The only HTTP client to the outside: one pool of connections, opened per run's gate, closed once. */
import type { Dispatcher } from 'undici'

import type { Clock } from '../base/clock.ts'
import type { DownloadFile, OpenHttp } from '../base/http.ts'
import { allowedUrl, createAgent } from './agent.ts'
import { createAnswerPlaces } from './answer-places.ts'
import type { CallInterceptor } from './call-gate.ts'
import { downloadFile } from './download.ts'
import type { Proxies } from './proxy.ts'
import { type CallMetrics, sendCall } from './send.ts'
import { addressRefused } from './transport-failure.ts'

export interface OutboundOptions {
  /** True lets destinations sit on private addresses and speak plain http: tests and sandboxes only. */
  readonly allowPrivateNetwork: boolean
  /** `host:port` that API calls may go to wherever they are, and downloads may not. */
  readonly privateDestinations?: readonly string[]
  readonly clock: Clock
  /** The way out. Default: directly. */
  readonly proxies?: Proxies | undefined
  /** What carries the calls. Default: a pool of connections of its own. */
  readonly agent?: Dispatcher
  readonly onCall?: (metrics: CallMetrics) => void
  /** Who operates this service for others, for the APIs that ask for it. */
  readonly vendorName?: string | undefined
}

export interface Outbound {
  /** Clients whose calls pass this gate; `readOnly` ones refuse every call that is not a read. */
  openHttp(gate: CallInterceptor, options: { readonly readOnly: boolean }): OpenHttp
  readonly download: DownloadFile
  /** Cuts what is still under way. */
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
  // A link that an answer holds, and where it leads on to, is nobody's that the operator has named.
  const files =
    given ?? (privateDestinations.length === 0 ? agent : createAgent({ allowPrivateNetwork, proxies }))
  return {
    openHttp:
      (gate, { readOnly }) =>
      (client) => {
        const base = allowedUrl(client.baseUrl, allowPrivateNetwork)
        if (base === undefined) {
          throw addressRefused({ destination: client.destination, bucket: 'address', effect: false })
        }
        const deps = { agent, clock, gate, readOnly, vendorName, onCall, places }
        return { send: (request) => sendCall(deps, { ...client, base }, request) }
      },
    download: (url, options) =>
      downloadFile({ agent: files, clock, allowPrivateNetwork, onCall }, url, options),
    async close() {
      closing.abort()
      await Promise.all([...new Set([agent, files])].map((one) => one.destroy()))
    },
  }
}
