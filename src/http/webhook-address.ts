/** Tolerates how people type a webhook URL into Pinpoint: capitals, an extra slash, a copied space. */
import { getPath } from 'hono/utils/url'

import { visibleAddress } from '../base/plain-text.ts'

const asMeant = /^\/webhooks\/pinpoint(\/[a-z0-9-]+)?$/
/** Longer paths are not webhook URLs, and a scanner's need no tidying. */
const mostLength = 500

/** The path used for routing: the webhook path if the request can only mean that, else its own. */
export function routedPath(request: Request): string {
  const path = getPath(request)
  if (asMeant.test(path) || path.length > mostLength || !/webhook/i.test(path)) return path
  const meant = tidied(path)
  return asMeant.test(meant) ? meant : path
}

/** The same for `?integration=HiBob`. */
export function meantIntegration(name: string | undefined): string | undefined {
  return name === undefined ? undefined : (visibleAddress(name)?.toLowerCase() ?? '')
}

/** For the log: what is wrong with an address that looks like a webhook URL. Undefined: it does not look like one. */
export function faultOfAddress(method: string, path: string): string | undefined {
  if (!/^\/+web-?hooks?\b/i.test(path)) return undefined
  const [first, second, ...more] = tidied(path.slice(0, mostLength)).slice(1).split('/')
  if (first !== 'webhooks') return 'it does not begin with /webhooks'
  if (second !== 'pinpoint') return '/pinpoint does not come after /webhooks'
  if (more.length > 1) return 'something comes after the tenant'
  return method === 'POST' ? undefined : 'the method is not POST'
}

function tidied(path: string): string {
  return `/${(visibleAddress(decoded(path)) ?? '').toLowerCase().split('/').filter(Boolean).join('/')}`
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
