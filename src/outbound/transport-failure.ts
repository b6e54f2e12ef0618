/** The table from a connection error to the failure that it means: what matters is whether the request was sent. */
import { type Failure, NeedsPerson, RetryLater } from '../base/failure.ts'
import { AddressRefused } from './address-guard.ts'
import { ProxyRefused } from './proxy.ts'
import type { Call } from './status-to-failure.ts'

/** Errors of the look-up, the connection and the TLS handshake: the request was not sent. All others may come after it was. */
const notSent: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'EAI_NONAME',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** The system's or undici's code of an error, shown instead of its text, which may contain a URL. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

export function transportFailure(call: Call, error: unknown): Failure {
  const { destination: name, bucket } = call
  if (error instanceof AddressRefused) return addressRefused(call)

  if (error instanceof ProxyRefused) return proxyRefused(call, error)

  const code = codeOf(error)
  const details = { destination: name, bucket, error: code }
  if (notSent.has(code)) {
    return new RetryLater(`${name}.unreachable`, `${name} could not be reached (${code}).`, {
      details,
      kind: 'outage',
    })
  }
  return new RetryLater(`${name}.no_answer`, `${name} gave no complete answer (${code}).`, {
    details,
    outcome: call.effect ? 'unclear' : 'not_made',
    kind: 'outage',
  })
}

/** Nothing was sent to the destination. */
function proxyRefused({ destination: name, bucket }: Call, { because }: ProxyRefused): RetryLater {
  const why =
    because === '407' ? '407: it requires a user and password, or the configured ones are wrong' : because
  return new RetryLater(
    `${name}.unreachable`,
    `${name} could not be reached: the proxy refused the connection (${why}).`,
    { details: { destination: name, bucket, error: because }, kind: 'outage' },
  )
}

export function addressRefused({ destination: name, bucket }: Call): NeedsPerson {
  return new NeedsPerson(
    `${name}.address_refused`,
    `The address for ${name} is not a public https address.`,
    {
      details: { destination: name, bucket },
      fix: 'Use an https address that is reachable from the internet, or let the operator name it in ALLOW_PRIVATE_DESTINATIONS.',
      resumesOn: 'connection',
    },
  )
}
