import { describe, expect, it } from 'vitest'

import { commentEffect } from '../../src/effects/comment.ts'

function pinpointWith(...texts: readonly string[]) {
  const made: string[] = []
  return {
    made,
    async *comments() {
      for (const [index, text] of texts.entries()) yield { id: String(index + 1), text }
    },
    comment: async (_application: string, text: string) => {
      made.push(text)
      return { id: '99' }
    },
  }
}

describe('the comment on the application', () => {
  it('says that the record was created', async () => {
    const pinpoint = pinpointWith()
    await commentEffect(pinpoint, { id: '9000001' }, { id: '3397352260643062621', how: 'created' }).make()
    expect(pinpoint.made).toEqual(['Record created with ID: 3397352260643062621'])
  })

  it('says created too when our own record was found after its answer had been lost', async () => {
    const pinpoint = pinpointWith()
    await commentEffect(pinpoint, { id: '9000001' }, { id: '33', how: 'adopted' }).make()
    expect(pinpoint.made).toEqual(['Record created with ID: 33'])
  })

  it('says that the record was found when it was not ours', async () => {
    const pinpoint = pinpointWith()
    await commentEffect(pinpoint, { id: '9000001' }, { id: '33', how: 'found' }).make()
    expect(pinpoint.made).toEqual(['Record found with ID: 33'])
  })

  it.each([
    ['our own sentence', 'Record created with ID: 33', '1'],
    ['the sentence of an earlier run', 'Record found with ID: 33.', '1'],
    ['a longer id', 'Record created with ID: 331', undefined],
    ['another id', 'Record created with ID: 3', undefined],
    ['our own sentence above other lines', 'Record created with ID: 33\nHiBob: https://example.com/33', '1'],
    ['other text', 'Looking forward to meeting you', undefined],
  ])('is recognised by the id it quotes: %s', async (_what, text, expected) => {
    const found = await commentEffect(
      pinpointWith(text),
      { id: '9000001' },
      { id: '33', how: 'created' },
    ).find()
    expect(found).toEqual(expected === undefined ? undefined : { id: expected })
  })
})
