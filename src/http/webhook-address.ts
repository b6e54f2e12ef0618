/** The address of a webhook as people type it into Pinpoint: capitals, a slash too many, a space that came along with a copy. */
import { getPath } from 'hono/utils/url'

import { visibleAddress } from '../base/plain-text.ts'

const asMeant = /^\/webhooks\/pinpoint(\/[a-z0-9-]+)?$/
/** Nothing else is long, and nobody has to tidy up what a scanner sends. */
const mostLength = 500

/** What a request's path is routed by: an address that can only be meant as a webhook's is that, everything else itself. */
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

/** For the log: what is wrong with an address that looks like a webhook's. Undefined: it does not. */
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
