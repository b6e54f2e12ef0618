import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { readEvent } from '../../src/intake/read-event.ts'

const read = (value: unknown) =>
  readEvent(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)))
const hired = (application: unknown, triggeredAt?: unknown) => ({
  event: 'application_hired',
  triggeredAt,
  data: { application, job: { id: 1 } },
})

describe('reading a body', () => {
  it('reads the documented payload', () => {
    expect(read(hired({ id: 8863807 }, 1614687278))).toMatchObject({
      name: 'application_hired',
      subject: '8863807',
      triggeredAt: new Date('2021-03-02T12:14:38Z'),
    })
  })

  it('takes ids as numbers or strings for the same event', () => {
    expect(read(hired({ id: 8863807 }, 1614687278)).identity).toEqual(
      read(hired({ id: '8863807' }, 1614687278)).identity,
    )
  })

  it('gives another time another identity, and other bytes of the same event the same', () => {
    const one = read(hired({ id: 1 }, 1614687278))
    expect(read(hired({ id: 1 }, 1614687279)).identity).not.toEqual(one.identity)
    expect(read({ ...hired({ id: 1 }, 1614687278), extra: true }).identity).toEqual(one.identity)
  })

  it.each([
    ['not JSON', '{"event":'],
    ['an array', '[]'],
    ['no event name', '{"data":{}}'],
    ['a name that PostgreSQL cannot store', '{"event":"a\\u0000b","data":{}}'],
    ['nothing', ''],
  ])('keeps an unreadable body as bytes: %s', (_what, body) => {
    expect(read(body)).toMatchObject({ name: undefined, subject: undefined, triggeredAt: undefined })
  })

  it.each([
    ['an unknown event about something else', { event: 'job_created', data: { job: { id: 1 } } }],
    ['an unknown event with an id that is no id', { event: 'moved', data: { application: { id: 'a b' } } }],
    ['no application', { event: 'application_hired', data: {} }],
    ['an id that is no id', hired({ id: '../../etc' }, 1)],
    ['a NUL in the id', hired({ id: '1\u0000' }, 1)],
  ])('has no subject: %s', (_what, body) => {
    expect(read(body)).toMatchObject({ name: body.event, subject: undefined })
  })

  it('knows which application an event of an undocumented name is about, and takes equal ones for one only when every byte is', () => {
    const moved = {
      event: 'application_moved',
      triggeredAt: 1614687278,
      data: { application: { id: 8863807 } },
    }
    expect(read(moved)).toMatchObject({ name: 'application_moved', subject: '8863807' })
    expect(read({ ...moved, more: 1 }).identity).not.toEqual(read(moved).identity)
  })

  it('never throws, and always has an identity of 32 bytes and a time that PostgreSQL can store', () => {
    const body = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .json()
        .map((data) => `{"event":"application_hired","triggeredAt":${data},"data":{"application":{"id":1}}}`),
    )
    fc.assert(
      fc.property(body, (text) => {
        const event = readEvent(Buffer.from(text))
        expect(event.identity).toHaveLength(32)
        if (event.triggeredAt !== undefined)
          expect(event.triggeredAt.getUTCFullYear()).toBeGreaterThanOrEqual(2000)
      }),
    )
  })
})
