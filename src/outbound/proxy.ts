/**
 * Calls through a proxy. The address of a name is checked here first, as far as this machine can resolve it; we check the
 * certificate of an https destination ourselves, at the far end of the tunnel.
 */
import { type Agent, type Dispatcher, EnvHttpProxyAgent, errors, Pool } from 'undici'

/** The values of `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. */
export interface Proxies {
  /** URL, with user and password if the proxy asks for them. */
  readonly https: string | undefined
  readonly http: string | undefined
  /** Hosts that are called directly, separated by commas. */
  readonly except: string
}

/** The proxy could not be reached, or refused to connect. Nothing was sent to the destination. */
export class ProxyRefused extends Error {
  override readonly name = 'ProxyRefused'
  /** The status that the proxy answered, or the code of the error. */
  readonly because: string

  // Not `code`, which undici evaluates.
  constructor(because: string) {
    super('The proxy refused the connection.')
    this.because = because
  }
}

/** For the CONNECT request; a proxy that does not answer is as good as one that is away. */
const answerMilliseconds = 10_000

/** https://undici.nodejs.org/#/docs/api/EnvHttpProxyAgent, with the environment as our configuration read it. */
export function createProxyAgent({ https, http, except }: Proxies, options: Agent.Options): Dispatcher {
  const agent = new EnvHttpProxyAgent({
    ...options,
    // Blank, not unset: undici would read the environment itself.
    httpProxy: http ?? '',
    httpsProxy: https ?? '',
    noProxy: except,
    requestTls: { allowH2: false },
    clientFactory: (proxy, client) =>
      new Pool(proxy, { ...client, headersTimeout: answerMilliseconds }).compose(tunnels),
  })
  return agent.compose(forwards)
}

/** Until a tunnel is open, every error is the proxy's. */
const tunnels: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) =>
  dispatch(options, {
    onRequestStart: (controller, context: unknown) => handler.onRequestStart?.(controller, context),
    onRequestUpgrade(...answer) {
      const [controller, status, , socket] = answer
      if (status === 200) {
        handler.onRequestUpgrade?.(...answer)
        return
      }
      socket.destroy()
      handler.onResponseError?.(controller, new ProxyRefused(String(status)))
    },
    onResponseError: (controller, error) =>
      handler.onResponseError?.(controller, new ProxyRefused(codeOf(error))),
  })

/** Plain http needs no tunnel. undici reports a proxy that asks for a password by an error that means nothing else after sending. */
const forwards: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
  let sent = false
  return dispatch(options, {
    onRequestStart(controller, context: unknown) {
      sent = true
      handler.onRequestStart?.(controller, context)
    },
    onResponseStart: (...answer) => handler.onResponseStart?.(...answer),
    onResponseData: (...chunk) => handler.onResponseData?.(...chunk),
    onResponseEnd: (...end) => handler.onResponseEnd?.(...end),
    onResponseError(controller, error) {
      const asksForPassword = sent && error instanceof errors.InvalidArgumentError
      handler.onResponseError?.(controller, asksForPassword ? new ProxyRefused('407') : error)
    },
  })
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
