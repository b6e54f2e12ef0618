// Which signing secrets a file may have, given those that are stored.
import { describe, expect, it } from 'vitest'

import { secretFaults, weakSecrets } from '../../src/tenants/signing-secrets.ts'

const tenant = (slug: string, host: string, signingSecrets: readonly string[]) => ({
  ...{ slug, apiUrl: `https://${host}/api/v1`, signingSecrets },
})
const declared = (...tenants: readonly ReturnType<typeof tenant>[]) =>
  tenants.map(({ slug, ...pinpoint }) => ({ slug, pinpoint }))
const secret = 'a-secret-of-acme'

describe('A signing secret', () => {
  it('may be shared by two tenants of one company, whatever their slugs (M2)', () => {
    const stored = [tenant('acme', 'acme.pinpointhq.com', [secret])]
    expect(secretFaults(declared(tenant('acme-two', 'acme.pinpointhq.com', [secret])), stored)).toEqual([])
  })

  it('is refused at two companies of one file as well (M2)', () => {
    const file = declared(
      tenant('acme', 'acme.pinpointhq.com', [secret]),
      tenant('globex', 'globex.pinpointhq.com', ['a-secret-of-globex', secret]),
    )
    expect(secretFaults(file, []).map(({ path }) => path)).toEqual([
      'tenants[0].pinpoint.signingSecrets[0]',
      'tenants[1].pinpoint.signingSecrets[1]',
    ])
  })

  it('goes by what the file makes of the other tenant, not by what is stored of it', () => {
    const stored = [tenant('acme', 'acme.pinpointhq.com', [secret])]
    const file = declared(
      tenant('acme', 'acme.pinpointhq.com', ['another-secret-of-acme']),
      tenant('globex', 'globex.pinpointhq.com', [secret]),
    )
    expect(secretFaults(file, stored)).toEqual([])
  })

  it('that is stored and short, or of two companies, is named for doctor', () => {
    const stored = [
      tenant('acme', 'acme.pinpointhq.com', ['short', secret]),
      tenant('globex', 'globex.pinpointhq.com', [secret]),
    ]
    expect(weakSecrets(stored)).toEqual([
      'Tenant acme has a signing secret of fewer than 16 characters.',
      'Tenants acme and globex have a signing secret in common, and their Pinpoints are not the same.',
      'Tenants globex and acme have a signing secret in common, and their Pinpoints are not the same.',
    ])
  })
})
