// Every mapping that the documentation shows can be pasted as it stands.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'
import { parseDocument } from 'yaml'

import { isRecord } from '../../src/base/refusal.ts'
import { hibob } from '../../src/integrations/hibob/index.ts'
import { mappingFaults } from '../../src/tenants/mapping-faults.ts'

const root = join(import.meta.dirname, '../..')
const blocks = globSync('{README.md,docs/**/*.md}', { cwd: root }).flatMap((page) =>
  Array.from(
    readFileSync(join(root, page), 'utf8').matchAll(/^```ya?ml\n([\s\S]*?)^```/gm),
    ([, yaml = ''], at) => ({
      name: `${page}, ${at + 1}`,
      yaml,
    }),
  ),
)
const mappings = blocks.filter(({ yaml }) => yaml.includes('mapping:'))

describe('YAML in the documentation', () => {
  it.each(blocks)('is valid: $name', ({ yaml }) => {
    expect(parseDocument(yaml).errors.map(({ message }) => message)).toEqual([])
  })

  it.each(mappings)('has a mapping that HiBob takes: $name', ({ yaml }) => {
    const { mapping } = parseDocument(yaml).toJS() as { readonly mapping?: unknown }
    expect(isRecord(mapping) ? mappingFaults(hibob, { mapping }) : []).toEqual([])
  })

  it('has mappings', () => {
    expect(mappings.length).toBeGreaterThan(3)
  })
})
