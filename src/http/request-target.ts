/** Checks the raw target of a request: a proxy in front of us must have read the same address. */
import type { IncomingMessage } from 'node:http'

/**
 * Undefined: it can be routed. `..` and the like lead out of the path that a proxy has allowed; a fragment, a backslash and an
 * encoded slash are read differently by different programs. With two Host headers it is unclear which one counts (RFC 9112, 3.2).
 */
export function faultOfTarget({
  url = '',
  rawHeaders,
}: Pick<IncomingMessage, 'url' | 'rawHeaders'>): string | undefined {
  const [path = ''] = url.split('?', 1)
  if (!path.startsWith('/')) return 'The request target is not a path.'
  if (/%(2e|2f|5c)|[\\#]|(^|\/)\.\.?(\/|$)/i.test(path)) return 'The path is not in its canonical form.'
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host')
  return hosts.length > 1 ? 'There is more than one Host header.' : undefined
}
