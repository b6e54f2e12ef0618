/** Writes dist/sbom.cdx.json (CycloneDX): what a production install brings along, read from the lock file without a network. */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

import packageJson from '../package.json' with { type: 'json' }

interface Sbom {
  readonly metadata: { readonly component: { readonly name: string; readonly version: string } }
  readonly components: readonly { readonly name: string; readonly version: string; readonly purl: string }[]
}

const root = join(import.meta.dirname, '..')
const options = ['--omit=dev', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only']

export async function readSbom(): Promise<Sbom> {
  const { stdout } = await promisify(execFile)('npm', ['sbom', ...options], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  })
  const sbom = JSON.parse(stdout) as Sbom
  // npm names it after the folder of the checkout.
  const component = { ...sbom.metadata.component, name: packageJson.name }
  return { ...sbom, metadata: { ...sbom.metadata, component } }
}

if (import.meta.main) {
  const file = join(root, 'dist/sbom.cdx.json')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${JSON.stringify(await readSbom(), undefined, 2)}\n`)
}
