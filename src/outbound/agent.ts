/** The only pool of outside connections. Each connection is opened to a checked address, without another look-up. */
import { Agent, buildConnector, type Dispatcher } from 'undici'

import {
  AddressRefused,
  type Judge,
  judgedLookup,
  notNever,
  onlyPublic,
  refuseHost,
  refuseLiteral,
} from './address-guard.ts'
import { createProxyAgent, type Proxies } from './proxy.ts'

const connectMilliseconds = 10_000

export interface AgentOptions {
  readonly allowPrivateNetwork: boolean
  /** `host:port` pairs that may be called at any address. */
  readonly privateDestinations?: readonly string[]
  /** Unset: every call is direct. */
  readonly proxies?: Proxies | undefined
}

export function createAgent({
  allowPrivateNetwork,
  privateDestinations = [],
  proxies,
}: AgentOptions): Dispatcher {
  const judgeOf = (host: string, port: string) =>
    allowPrivateNetwork || privateDestinations.includes(`${host}:${port}`) ? notNever : onlyPublic
  // HTTP/1.1 only: one call per connection, so one broken connection makes one call's outcome unclear, not many.
  const connectorOf = (judge: Judge) =>
    buildConnector({ timeout: connectMilliseconds, allowH2: false, lookup: judgedLookup(judge) })
  const connectors = new Map([onlyPublic, notNever].map((judge) => [judge, connectorOf(judge)]))
  const options: Agent.Options = {
    connections: 64,
    keepAliveTimeout: 4_000,
    connect: (target, callback) => {
      const judge = judgeOf(target.hostname, portOf(target))
      const refused = refuseLiteral(target.hostname, judge)
      if (refused === undefined) connectors.get(judge)?.(target, callback)
      else callback(refused, null)
    },
  }
  if (proxies === undefined) return new Agent(options)
  return createProxyAgent(proxies, options).compose(
    judged(({ hostname, port, protocol }) => {
      const judge = judgeOf(hostname, portOf({ port, protocol }))
      // In a sandbox, possibly only the proxy can resolve the names.
      return Promise.resolve(
        allowPrivateNetwork ? refuseLiteral(hostname, judge) : refuseHost(hostname, judge),
      )
    }),
  )
}

function portOf({ port, protocol }: { readonly port: string; readonly protocol: string }): string {
  if (port !== '') return port
  return protocol === 'http:' ? '80' : '443'
}

const notStarted: Dispatcher.DispatchController = {
  aborted: true,
  paused: false,
  reason: null,
  abort: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
}

/** Checks the destination before the proxy learns of it. */
function judged(
  refuse: (url: URL) => Promise<AddressRefused | undefined>,
): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    const url = URL.parse(String(options.origin))
    void (url === null ? Promise.resolve(new AddressRefused()) : refuse(url)).then((refused) => {
      if (refused === undefined) dispatch(options, handler)
      else handler.onResponseError?.(notStarted, refused)
    })
    return true
  }
}

/** The parsed URL, if it may be called at all: https, or http where private networks are allowed. */
export function allowedUrl(text: string, allowPrivateNetwork: boolean): URL | undefined {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '') return undefined
  const allowed = url.protocol === 'https:' || (allowPrivateNetwork && url.protocol === 'http:')
  return allowed ? url : undefined
}
