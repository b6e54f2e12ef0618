/** A database whose certificate we do not trust, or that has none: for whoever set it up, not for another try. */
import { getCACertificates, setDefaultCACertificates } from 'node:tls'

import type pg from 'pg'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'

import { doctor } from '../../src/doctor/store/doctor.ts'
import { silentLog } from '../../src/observe/log.ts'
import { openPool } from '../../src/postgres/database.ts'
import { createDatabaseCheck } from '../../src/postgres/readiness.ts'
import { refusalOf } from '../../src/postgres/refusal.ts'
import { DatabaseAway, queryable } from '../../src/postgres/transaction.ts'
import { type Certificate, makeCertificate } from '../support/certificate.ts'
import { startTlsOnlyServer, type TlsOnlyServer } from '../support/tls-only-server.ts'

let unknown: Certificate
let ofAnother: Certificate
beforeAll(async () => {
  unknown = await makeCertificate('IP:127.0.0.1')
  ofAnother = await makeCertificate('DNS:db.example.com')
  setDefaultCACertificates([...getCACertificates('default'), ofAnother.authority])
})

let server: TlsOnlyServer
let pool: pg.Pool
async function open(certificate?: Certificate): Promise<void> {
  server = await startTlsOnlyServer(certificate)
  pool = openPool(`postgresql://app:secret@127.0.0.1:${server.port}/app?sslmode=verify-full`, 1)
}

const failure = () =>
  queryable(pool)
    .query('select 1')
    .then(
      () => undefined,
      (error: unknown) => error,
    )

describe('A database (W32)', () => {
  afterEach(async () => {
    await pool.end()
    await server.close()
  })

  it.each([
    [
      'of an authority that is not trusted',
      () => unknown,
      'store.database_untrusted',
      'is not trusted',
      'NODE_EXTRA_CA_CERTS',
    ],
    [
      'of another host',
      () => ofAnother,
      'store.database_untrusted',
      'is for another host',
      'the host name that the certificate is for',
    ],
    ['without TLS', () => undefined, 'store.database_without_tls', 'offers no TLS', 'sslmode'],
  ])('%s is told with its fix at start; a service that runs stays and says so', async (...given) => {
    const [, certificate, code, says, fix] = given
    await open(certificate())
    const error = await failure()
    expect(error).toBeInstanceOf(DatabaseAway)
    expect(error).toMatchObject({
      name: 'RetryLater',
      code,
      message: expect.stringContaining(says) as string,
    })
    expect(refusalOf(error)).toMatchObject({
      name: 'NeedsPerson',
      code: 'store.database_refused',
      message: expect.stringContaining(says) as string,
      fix: expect.stringContaining(fix) as string,
    })
    expect(await createDatabaseCheck(pool, silentLog)()).toContain(says)

    const database = { pool, directUrl: '', embedded: undefined, close: async () => {} }
    const [finding, ...others] = await doctor(database, [])
    expect(others).toEqual([])
    expect(finding).toMatchObject({ ok: false, because: expect.stringContaining(fix) as string })
    expect(finding?.because).toContain(says)
    expect(JSON.stringify([finding, refusalOf(error)])).not.toContain('secret')
  })
})

it.each([
  ['CERT_HAS_EXPIRED', 'has expired'],
  ['CERT_NOT_YET_VALID', 'has expired, or is not valid yet'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'not trusted'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'not trusted'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'not trusted'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'not trusted'],
  ['CERT_REVOKED', 'not trusted'],
  ['HOSTNAME_MISMATCH', 'another host'],
])('%s is a refusal: %s', (code, says) => {
  const refused = refusalOf(Object.assign(new Error('of the driver'), { code }))
  expect(refused?.message).toContain(says)
  expect(refused?.message).toContain(code)
})

it.each(['ECONNREFUSED', 'ETIMEDOUT', 'ECONNRESET', 'ENOTFOUND', 'EPROTO'])(
  '%s is none: it may pass',
  (code) => {
    expect(refusalOf(Object.assign(new Error('of the driver'), { code }))).toBeUndefined()
    expect(refusalOf(new DatabaseAway(Object.assign(new Error(), { code })))).toBeUndefined()
  },
)
