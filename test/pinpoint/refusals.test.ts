import { expect, it } from 'vitest'

import { readPinpointRefusal } from '../../src/pinpoint/refusals.ts'

const detail = 'Ada Example is wrong'

it.each([
  [401, { code: 'unauthorized', status: '401', title: 'Unauthorized', detail }, 'credentials'],
  [403, { code: 'forbidden', status: '403', detail: 'Integration not enabled' }, 'permission'],
  [422, { code: 'unprocessable_entity', detail }, 'request'],
] as const)('%i of Pinpoint itself is read (F8b)', (status, error, blames) => {
  expect(readPinpointRefusal(status, { errors: [error] })).toEqual({
    blames,
    objections: [{ code: error.code }],
  })
})

it('what an error is about is read from `meta`, else from `source`', () => {
  const errors = [
    {
      code: 'unprocessable_entity',
      detail,
      meta: { attribute: 'body_text', message: detail, code: 'blank' },
    },
    { code: 'unprocessable_entity', detail, source: { pointer: '/data/attributes/email' } },
    { code: 'bad_request', source: { parameter: 'filter' } },
    { title: detail },
    'x',
  ]
  expect(readPinpointRefusal(422, { errors })?.objections).toEqual([
    { field: 'body_text', code: 'blank' },
    { field: '/data/attributes/email', code: 'unprocessable_entity' },
    { field: 'filter', code: 'bad_request' },
  ])
})

it.each([
  [undefined],
  ['x'],
  [{}],
  [{ errors: [] }],
  [{ errors: ['x'] }],
  [{ errors: [{}] }],
  [{ errors: {} }],
])('%j is none of Pinpoint', (body) => {
  expect(readPinpointRefusal(403, body)).toBeUndefined()
})
