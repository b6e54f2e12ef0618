/** The proxy for outbound calls, in the variables that other programs read too. */
import { z } from 'zod'

import { variableMeta } from './variable.ts'

/** `proxy:3128` means `http://proxy:3128`, as it does for curl. */
const proxyUrl = z
  .string()
  .transform((text) => (/^[\w.-]+:\d+\/?$/.test(text) ? `http://${text}` : text))
  .refine(isProxyUrl, 'must be a URL such as http://proxy.example.com:3128')

function isProxyUrl(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return false
  try {
    decodeURIComponent(url.username + url.password)
    return true
  } catch {
    return false
  }
}

export const proxyVariables = {
  HTTPS_PROXY: proxyUrl.optional().register(variableMeta, {
    description:
      'The proxy through which destinations and files are called, by CONNECT. Also read as `https_proxy`, which takes precedence. ' +
      'See [out through a proxy](../operate/proxy.md).',
    accepts: '`http://proxy:port` or `https://…`, with `user:password@` where it asks for them',
    secret: true,
    unset: '`HTTP_PROXY`, or directly',
  }),
  HTTP_PROXY: proxyUrl.optional().register(variableMeta, {
    description:
      'The same for plain HTTP, which only sandboxes use; if `HTTPS_PROXY` is unset, for HTTPS too. Also read as `http_proxy`.',
    accepts: 'as `HTTPS_PROXY`',
    secret: true,
    unset: 'directly',
  }),
  NO_PROXY: z
    .string()
    .prefault('')
    .register(variableMeta, {
      description:
        'What is called directly nevertheless: names including their subdomains, and addresses, each with or without a port; `*` is ' +
        'everything. Also read as `no_proxy`.',
      accepts: 'a list such as `localhost,.corp.example,10.0.0.7:8443`, separated by commas or spaces',
    }),
}

/** The proxies for destinations and files. */
export interface Proxies {
  readonly https: string | undefined
  readonly http: string | undefined
  readonly except: string
}

/** Variables that are read in lower case too; as for curl, lower case takes precedence. */
const alsoInSmallLetters: ReadonlySet<string> = new Set(Object.keys(proxyVariables))

export function givenIn(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const small = alsoInSmallLetters.has(name) ? (env[name.toLowerCase()]?.trim() ?? '') : ''
  return small === '' ? env[name]?.trim() : small
}

export function proxiesOf(given: {
  readonly HTTPS_PROXY?: string | undefined
  readonly HTTP_PROXY?: string | undefined
  readonly NO_PROXY: string
}): Proxies | undefined {
  const { HTTPS_PROXY: https, HTTP_PROXY: http, NO_PROXY: except } = given
  return https === undefined && http === undefined ? undefined : { https, http, except }
}

/** Omits user and password. */
export function describeProxies(proxies: Proxies | undefined) {
  const { https, http, except } = proxies ?? { https: undefined, http: undefined, except: '' }
  return {
    ...(https !== undefined && { httpsProxy: originOf(https) }),
    ...(http !== undefined && { httpProxy: originOf(http) }),
    ...(except !== '' && { noProxy: except }),
  }
}

function originOf(url: string): string {
  return new URL(url).origin
}
