/** Why TLS to the database fails: its set-up must be corrected, and until then no attempt succeeds. */

export type TlsFault = 'untrusted' | 'expired' | 'other_host' | 'not_offered'

const byCode: readonly (readonly [TlsFault, RegExp])[] = [
  ['other_host', /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/],
  ['expired', /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/],
  // https://nodejs.org/docs/latest-v24.x/api/tls.html#x509-certificate-error-codes
  [
    'untrusted',
    /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_.*|CERT_.*|CRL_.*|ERROR_IN_.*|INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED)$/,
  ],
]

/** For an error of the driver, which contains no answer of the server. */
export function tlsFaultOf(error: unknown): { readonly fault: TlsFault; readonly code: string } | undefined {
  if (!(error instanceof Error)) return undefined
  // The driver reports it by its text only: https://github.com/brianc/node-postgres/blob/master/packages/pg/lib/connection.js
  if (error.message === 'The server does not support SSL connections') {
    return { fault: 'not_offered', code: 'no TLS' }
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const [fault] = byCode.find(([, codes]) => codes.test(code)) ?? []
  return fault && { fault, code }
}
