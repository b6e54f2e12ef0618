/** HiBob's answers in the shapes that its documentation and its API have shown. */
import { describe, expect, it } from 'vitest'

import * as wire from '../../src/integrations/hibob/wire.ts'

const id = '3397352260643062621'

const deep = (levels: number): object =>
  Array.from({ length: levels }).reduce<object>((below) => ({ name: 'Heading', children: [below] }), {
    name: 'Platform',
  })

describe('HiBob’s answers', () => {
  it('an employee, nested or by path', () => {
    const nested = {
      id,
      email: 'Ada@example.com',
      firstName: 'Ada',
      surname: 'Example',
      internal: { status: 'Active', lifecycleStatus: 'hired' },
      work: {},
    }
    const byPath = {
      '/root/id': { value: id },
      '/root/email': { value: 'ada@example.com' },
      '/root/surname': { value: 'Example' },
      '/internal/status': { value: 'Active' },
    }
    expect(wire.searchAnswer.parse({ employees: [nested, byPath] }).employees).toEqual([
      {
        id,
        email: 'ada@example.com',
        firstName: 'Ada',
        surname: 'Example',
        displayName: undefined,
        status: 'active',
        lifecycle: 'hired',
      },
      {
        id,
        email: 'ada@example.com',
        firstName: undefined,
        surname: 'Example',
        displayName: undefined,
        status: 'active',
        lifecycle: undefined,
      },
    ])
  })

  it.each([[{}], [{ employees: {} }], [{ employees: [{ email: 'ada@example.com' }] }], [undefined]])(
    'a search is not empty because it reads %j',
    (answer) => expect(wire.searchAnswer.safeParse(answer).success).toBe(false),
  )

  it('an id that has lost digits on the way is no id (case 56)', () => {
    expect(wire.createdEmployee.safeParse(JSON.parse(`{"id":${id}}`)).success).toBe(false)
    expect(wire.createdEmployee.parse({ id: 12 })).toEqual({ id: '12' })
  })

  it.each([
    [
      'values',
      {
        name: 'site',
        values: [
          { id: 1, name: 'London', value: 'London' },
          { id: 2, value: 'Madrid' },
        ],
      },
      ['London', 'Madrid'],
    ],
    [
      'a tree: only its leaves are values (F10)',
      {
        values: [
          { id: '1', name: 'Engineering', children: [{ id: '2', name: 'Platform' }] },
          { id: '3', name: 'Sales', children: [{ id: '4', name: 'Platform', archived: true }] },
        ],
      },
      ['Platform'],
    ],
    [
      'items',
      {
        items: [
          { id: '1', name: 'London', archived: true, children: [{ name: 'Soho' }] },
          { name: 'Madrid' },
        ],
      },
      ['Soho', 'Madrid'],
    ],
    [
      'a tree as deep as a well: a heading is no value though its items are not read',
      { values: [deep(4000), { name: 'Sales' }] },
      ['Sales'],
    ],
  ])('a named list with %s', (...[_, answer, names]) => {
    expect(wire.namedList.parse(answer).map(({ name }) => name)).toEqual(names)
  })

  it.each([
    [
      'as documented',
      { documents: [{ documentName: 'CV', downloadLink: 'x' }] },
      [{ id: undefined, name: 'CV' }],
    ],
    ['as seen', { documents: [{ doc: { id: 48, name: 'CV', tags: [] } }] }, [{ id: '48', name: 'CV' }]],
    ['bare', [{ id: '48', name: 'CV' }], [{ id: '48', name: 'CV' }]],
  ])('a list of documents %s', (...[_, answer, documents]) => {
    expect(wire.documentList.parse(answer)).toEqual(documents)
  })

  it('an uploaded document by either name of its id, or without one', () => {
    expect([{ id: 48292 }, { docId: '7' }, {}].map((answer) => wire.uploadedDocument.parse(answer))).toEqual([
      '48292',
      '7',
      undefined,
    ])
  })

  it('folders, bare or wrapped', () => {
    expect(wire.folderIds.parse([{ id: 1, name: 'Shared' }, { value: { id: '2' } }])).toEqual(['1', '2'])
  })
})
