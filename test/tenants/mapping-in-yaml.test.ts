// What YAML makes of a mapping as people write it: each name and value stays the text that stands there, or `apply` refuses the file.
import { describe, expect, it } from 'vitest'

import { NeedsPerson } from '../../src/base/failure.ts'
import { hibob } from '../../src/integrations/hibob/index.ts'
import { readDeclaration } from '../../src/tenants/declaration.ts'

const file = (mapping: string, settings = '{}') => `
tenants:
  - slug: acme
    pinpoint: { subdomain: acme, apiKey: key, signingSecrets: [a-secret-of-acme-123] }
    connections:
      - integration: hibob
        secrets: { serviceUserId: SERVICE-1, serviceUserToken: token }
        settings: ${settings}
        mapping: ${mapping}
`
const read = (text: string) => readDeclaration(text, { integrations: [hibob], variables: {} })
const mappingIn = (mapping: string) => read(file(mapping)).tenants[0]?.connections[0]?.mapping

function faults(text: string): string {
  try {
    read(text)
  } catch (error) {
    if (error instanceof NeedsPerson) return error.message
    throw error
  }
  return 'accepted'
}

describe('A mapping in YAML', () => {
  it.each([
    ['0042', '0042'],
    ['1e3', '1e3'],
    ['1.10', '1.10'],
    ['0x1F', '0x1F'],
    ['+5', '+5'],
    ['3397352260643062621', '3397352260643062621'],
    ['7', 7],
    ['-1.5', -1.5],
    ['2027-01-04', '2027-01-04'],
    ['no', 'no'],
    ['true', true],
    ['"0042"', '0042'],
  ])('has the constant %s as it is written', (written, constant) => {
    expect(mappingIn(`{ about.custom.field_1: { constant: ${written} } }`)).toEqual({
      'about.custom.field_1': { constant },
    })
    const otherwise = `{ from: job.title, values: { 012: ${written} }, otherwise: { value: ${written} } }`
    expect(mappingIn(`{ work.title: ${otherwise} }`)).toMatchObject({
      'work.title': { values: { '012': constant }, otherwise: { value: constant } },
    })
  })

  it.each(['012', 'yes', 'null', '~', '1e3', 'True', '2027-01-04', '3397352260643062621', 'Größe'])(
    'has the name %s as it is written',
    (name) => {
      const mapping = mappingIn(`{ work.title: { from: job.title, values: { ${name}: Engineer } } }`)
      expect(mapping).toEqual({ 'work.title': { from: 'job.title', values: { [name]: 'Engineer' } } })
      const settings = `{ sites: { ${name}: Leeds } }`
      expect(read(file('{}', settings)).tenants[0]?.connections[0]?.settings).toMatchObject({
        sites: { [name]: 'Leeds' },
      })
    },
  )

  it.each([
    ['{ work.title: job.title, work.title: offer.jobTitle }', 'is not valid YAML (duplicate key)'],
    ['{ work.title: { from: job.title, values: { 7: A, "7": B } } }', 'is not valid YAML (duplicate key)'],
    ['{ [work.title]: job.title }', 'is not valid YAML (non string key)'],
    ['{ work.title: !!js/function "x" }', 'is not valid YAML'],
    ['{ <<: { work.title: job.title } }', 'mapping.<< is not a field of the destination'],
    ['{ __proto__: job.title }', 'mapping.__proto__ is no name that can be used'],
    ['{ constructor: job.title }', 'mapping.constructor is not a field of the destination'],
    ['{ toString: job.title }', 'mapping.toString is not a field of the destination'],
    [
      '{ work.title: { from: job.title, values: { __proto__: A } } }',
      'mapping.work.title.values.__proto__ is no name',
    ],
    ['{ work.title: }', 'mapping.work.title must be a source'],
    ['{ work.title: { constant: "\u200b\u00a0" } }', 'needs a text, a number, true or false as its constant'],
    ['{ work.title: { from: job.title, otherwise: leave_out } }', 'needs park, leave-out'],
    ['{ work.title: { from: job.title, otherwise: Park } }', 'needs park, leave-out'],
    ['{ work.title: { from: job.title, otherwise: { value: } } }', 'needs park, leave-out'],
    ['{ work.title: { from: job.title, otherwise: [park] } }', 'needs park, leave-out'],
    ['{ work.title: { from: job.title, otherwise: { value: A, template: B } } }', 'needs park, leave-out'],
    ['{ work.title: { from: job.title, values: { A: null } } }', 'needs an object of texts as its values'],
    ['{ work.title: { from: job.title, values: { A: [B] } } }', 'needs an object of texts as its values'],
    ['{ work.title: { template: "{{job.title}}" } }', 'names an unknown source "{job.title"'],
    [
      '{ work.title: { template: "${job.title}" } }',
      'has "${": a source stands between { and }, without the $',
    ],
    ['{ about.custom.field_1: { constant: "${HOME}" } }', 'may not use ${…}: only apiKey'],
    ['{ work.manager: job.title }', 'work.manager cannot be mapped'],
    ['{ Work.Title: job.title }', 'Did you mean work.title'],
    ['[work.title]', 'mapping must be an object'],
    ['job.title', 'mapping must be an object'],
  ])('is refused with what is wrong: %s', (mapping, fault) => {
    expect(faults(file(mapping))).toContain(fault)
  })

  it('is refused when it is endless: thousands of fields, aliases of aliases, levels without end', () => {
    const many = Array.from({ length: 3000 }, (_, at) => `work.custom.field_${at}: job.title`)
    expect(faults(file(`{ ${many.join(', ')} }`))).toContain('mapping has more than 200 targets')
    const levels = Array.from(
      'bcdefg',
      (name, at) => `${name}: &${name} [${`*${'abcdef'[at] ?? ''}, `.repeat(9)}]`,
    )
    const laughs = ['&a [x, x, x, x, x, x, x, x, x]', ...levels].join('\n  ')
    expect(faults(`tenants:\n  a: ${laughs}`)).toContain('there are too many')
    const told = (open: string, close: string, levels: number) =>
      faults(file(`{ work.title: ${open.repeat(levels)}x${close.repeat(levels)} }`))
    for (const [open, close] of [['[', ']'] as const, ['{ a: ', ' }'] as const]) {
      expect(told(open, close, 50)).not.toContain('deep')
      expect(told(open, close, 150)).toContain('is nested more than 100 levels deep')
      expect(told(open, close, 1000)).toMatch(/is nested|not valid YAML/)
    }
  })

  it('names a field of the customer in quotation marks of its own kind, which `apply` tells', () => {
    for (const written of [
      `application.custom['T-shirt size']`,
      'application.custom[“T-shirt size”]',
      'application.custom[T-shirt size]',
      'application.custom.T-shirt size',
      'Application.custom["T-shirt size"]',
    ]) {
      const told = faults(file(`{ about.custom.field_1: ${JSON.stringify(written)} }`))
      expect(told).toContain('Did you mean application.custom["T-shirt size"]?')
    }
    expect(faults(file(`{ about.custom.field_1: ${'x'.repeat(2000)} }`)).length).toBeLessThan(300)
  })
})
