/** A database that answers and refuses us: DATABASE_URL must be corrected, retries do not help. */
import pg from 'pg'

import { NeedsPerson, RetryLater } from '../base/failure.ts'
import { type TlsFault, tlsFaultOf } from './tls-fault.ts'

/** https://www.postgresql.org/docs/18/errcodes-appendix.html */
const refusals: readonly (readonly [sqlState: RegExp, message: string, fix: string])[] = [
  [/^28/, 'The database refuses the user or the password of DATABASE_URL.', 'Correct DATABASE_URL.'],
  [
    /^3D000$/,
    'The server has no database of the name in DATABASE_URL.',
    'Create it, or correct DATABASE_URL.',
  ],
  [
    /^42501$/,
    'The user of DATABASE_URL may not do this in the database.',
    'Make that user the owner of the database, or grant it what is missing.',
  ],
]

const tlsRefusals: Readonly<Record<TlsFault, readonly [message: string, fix: string]>> = {
  untrusted: [
    'The certificate of the database is not trusted',
    'Set NODE_EXTRA_CA_CERTS to the file with the certificate of the authority that signed it, and start again.',
  ],
  expired: [
    'The certificate of the database has expired, or is not valid yet',
    'Renew it at the server; where it is not valid yet, set the clock of this machine.',
  ],
  other_host: [
    'The certificate of the database is for another host than DATABASE_URL names',
    'Put the host name that the certificate is for into DATABASE_URL, or have the certificate name this one.',
  ],
  not_offered: [
    'The database server offers no TLS, which DATABASE_URL asks for',
    'Turn TLS on at the server. Only where nobody else reaches the network in between: sslmode=disable in DATABASE_URL.',
  ],
}

/** Undefined: the error means something else. */
export function refusalOf(error: unknown): NeedsPerson | undefined {
  return refusalByTls(error) ?? refusalByServer(error)
}

/** The driver's error, or the failure made of it. */
function refusalByTls(error: unknown): NeedsPerson | undefined {
  const tls = tlsFaultOf(error instanceof RetryLater ? error.cause : error)
  if (tls === undefined) return undefined
  const [message, fix] = tlsRefusals[tls.fault]
  return new NeedsPerson('store.database_refused', `${message} (${tls.code}).`, {
    fix,
    details: { error: tls.code },
    cause: error,
  })
}

function refusalByServer(error: unknown): NeedsPerson | undefined {
  if (!(error instanceof pg.DatabaseError)) return undefined
  const { code = '' } = error
  const [, message, fix] = refusals.find(([sqlState]) => sqlState.test(code)) ?? []
  if (message === undefined || fix === undefined) return undefined
  return new NeedsPerson('store.database_refused', message, {
    fix,
    details: { sqlState: code },
    cause: error,
  })
}
