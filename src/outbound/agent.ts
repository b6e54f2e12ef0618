/** The one pool of connections to the outside. Each connection is opened to an address that was judged, never looked up again. */
import { Agent, buildConnector, type Dispatcher } from 'undici'

import { publicLookup, refuseHost, refuseLiteral } from './address-guard.ts'
import { createProxyAgent, type Proxies } from './proxy.ts'

const connectMilliseconds = 10_000

export interface AgentOptions {
  readonly allowPrivateNetwork: boolean
  /** Unset: every call goes out directly. */
  readonly proxies?: Proxies | undefined
}

export function createAgent({ allowPrivateNetwork, proxies }: AgentOptions): Dispatcher {
  // HTTP/1.1 only: one call per connection, so one broken connection makes one call's outcome unclear, not many.
  const connector = buildConnector({
    timeout: connectMilliseconds,
    allowH2: false,
    ...(allowPrivateNetwork ? {} : { lookup: publicLookup }),
  })
  const options: Agent.Options = {
    connections: 64,
    keepAliveTimeout: 4_000,
    connect: (target, callback) => {
      const refused = allowPrivateNetwork ? undefined : refuseLiteral(target.hostname)
      if (refused === undefined) connector(target, callback)
      else callback(refused, null)
    },
  }
  if (proxies === undefined) return new Agent(options)
  const agent = createProxyAgent(proxies, options)
  return allowPrivateNetwork ? agent : agent.compose(judged)
}

const notStarted: Dispatcher.DispatchController = {
  aborted: true,
  paused: false,
  reason: null,
  abort: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
}

/** Before the proxy hears of the destination. */
const judged: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
  const hostname = URL.parse(String(options.origin))?.hostname ?? ''
  void refuseHost(hostname).then((refused) => {
    if (refused === undefined) dispatch(options, handler)
    else handler.onResponseError?.(notStarted, refused)
  })
  return true
}

/** The URL parsed, when it may be called at all: https, or http where private networks are allowed. */
export function allowedUrl(text: string, allowPrivateNetwork: boolean): URL | undefined {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '') return undefined
  const allowed = url.protocol === 'https:' || (allowPrivateNetwork && url.protocol === 'http:')
  return allowed ? url : undefined
}
