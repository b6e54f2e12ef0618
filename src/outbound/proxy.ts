/**
 * The way out through a proxy. Where a name leads is judged here first, as far as this machine can resolve it; the certificate of
 * an https destination is checked by us, at the far end of the tunnel.
 */
import { type Agent, type Dispatcher, EnvHttpProxyAgent, errors, Pool } from 'undici'

/** As `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say. */
export interface Proxies {
  /** URL, with user and password where the proxy asks for them. */
  readonly https: string | undefined
  readonly http: string | undefined
  /** Hosts that are called directly, separated by commas. */
  readonly except: string
}

/** The proxy could not be reached, or refused to connect. The destination has not been sent anything. */
export class ProxyRefused extends Error {
  override readonly name = 'ProxyRefused'
  /** The status that the proxy answered, or the code of the error. */
  readonly because: string

  // Not `code`: undici would go by it.
  constructor(because: string) {
    super('The proxy refused the connection.')
    this.because = because
  }
}

/** Of the CONNECT request; a proxy that says nothing is as good as one that is away. */
const answerMilliseconds = 10_000

/** https://undici.nodejs.org/#/docs/api/EnvHttpProxyAgent, with the environment as our configuration read it. */
export function createProxyAgent({ https, http, except }: Proxies, options: Agent.Options): Dispatcher {
  const agent = new EnvHttpProxyAgent({
    ...options,
    // Blank, not unset: undici would look into the environment itself.
    httpProxy: http ?? '',
    httpsProxy: https ?? '',
    noProxy: except,
    requestTls: { allowH2: false },
    clientFactory: (proxy, client) =>
      new Pool(proxy, { ...client, headersTimeout: answerMilliseconds }).compose(tunnels),
  })
  return agent.compose(forwards)
}

/** Until a tunnel stands, whatever fails is the proxy's doing. */
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

/** Plain http needs no tunnel. That the proxy wants a password undici tells by an error that nothing else gives once it is sent. */
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
