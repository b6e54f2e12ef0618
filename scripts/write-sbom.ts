/** Writes dist/sbom.cdx.json (CycloneDX): what a production install brings along, read from the lock file and the installed binaries without a network. */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

import { z } from 'zod'

import packageJson from '../package.json' with { type: 'json' }
import { nodeParts, postgresParts } from './binary-parts.ts'

const properties = z.array(z.looseObject({ name: z.string(), value: z.string() })).default([])
const component = z.looseObject({
  'bom-ref': z.string(),
  name: z.string(),
  version: z.string(),
  purl: z.string(),
  properties,
})
const sbom = z.looseObject({
  metadata: z.looseObject({ component }),
  components: z.array(component),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()) })),
})

const root = join(import.meta.dirname, '..')
const options = ['--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only', '--offline']

export async function readSbom(): Promise<z.infer<typeof sbom>> {
  const { stdout } = await promisify(execFile)('npm', ['sbom', ...options], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  })
  return withBinaries(production(sbom.parse(JSON.parse(stdout))))
}

/** `--omit=dev` would also leave out what is used in production and for development, such as `yaml`. */
function production(all: z.infer<typeof sbom>): z.infer<typeof sbom> {
  const components = all.components.filter(
    (each) => !each.properties.some(({ name }) => name === 'cdx:npm:package:development'),
  )
  const kept = new Set([all.metadata.component, ...components].map((each) => each['bom-ref']))
  return {
    ...all,
    // npm names it after the folder of the checkout.
    metadata: { ...all.metadata, component: { ...all.metadata.component, name: packageJson.name } },
    components,
    dependencies: all.dependencies
      .filter(({ ref }) => kept.has(ref))
      .map((each) => ({ ...each, dependsOn: each.dependsOn.filter((ref) => kept.has(ref)) })),
  }
}

/** Node for each platform, and what is inside of it and of the embedded PostgreSQL. */
function withBinaries(listed: z.infer<typeof sbom>): z.infer<typeof sbom> {
  const nodes = nodeParts()
  const postgres = postgresParts()
  const dependsOn = nodes.map((each) => each['bom-ref'])
  const parsed = z.array(component)
  return {
    ...listed,
    components: [
      ...listed.components.map((each) =>
        each.name === postgres?.holder ? { ...each, components: parsed.parse(postgres.parts) } : each,
      ),
      ...parsed.parse(nodes),
    ],
    dependencies: [
      ...listed.dependencies.map((each) =>
        each.ref.startsWith('node@') ? { ...each, dependsOn: [...each.dependsOn, ...dependsOn] } : each,
      ),
      ...dependsOn.map((ref) => ({ ref, dependsOn: [] })),
    ],
  }
}

if (import.meta.main) {
  const file = join(root, 'dist/sbom.cdx.json')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${JSON.stringify(await readSbom(), undefined, 2)}\n`)
}
