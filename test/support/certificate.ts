/** A certificate for a name, signed by an authority that nobody trusts yet. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Certificate {
  readonly authority: string
  readonly cert: string
  readonly key: string
}

/** `names`: such as `DNS:bob.invalid` or `IP:127.0.0.1`. */
export async function makeCertificate(names: string): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'certificate-'))
  const at = (name: string) => join(folder, name)
  const request = [
    'req',
    '-x509',
    '-nodes',
    '-days',
    '2',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
  ]
  try {
    const authority = [
      '-subj',
      '/CN=Authority of a test',
      '-keyout',
      at('authority.key'),
      '-out',
      at('authority'),
    ]
    await run('openssl', [...request, ...authority])
    const signed = ['-CA', at('authority'), '-CAkey', at('authority.key'), '-subj', '/CN=test']
    const own = ['-addext', `subjectAltName=${names}`, '-addext', 'basicConstraints=critical,CA:FALSE']
    await run('openssl', [...request, ...signed, ...own, '-keyout', at('key'), '-out', at('cert')])
    const read = (name: string) => readFile(at(name), 'utf8')
    return { authority: await read('authority'), cert: await read('cert'), key: await read('key') }
  } finally {
    await rm(folder, { recursive: true })
  }
}
