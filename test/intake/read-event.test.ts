import { createHash } from 'node:crypto'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'

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
    const name = body.event === 'application_hired' ? body.event : 'other'
    expect(read(body)).toMatchObject({ name, subject: undefined })
  })

  it('knows which application an event of an undocumented name is about, and takes equal ones for one only when every byte is', () => {
    const moved = {
      event: 'application_moved',
      triggeredAt: 1614687278,
      data: { application: { id: 8863807 } },
    }
    expect(read(moved)).toMatchObject({ name: 'other', subject: '8863807' })
    expect(read({ ...moved, more: 1 }).identity).not.toEqual(read(moved).identity)
  })

  it('L12: keeps no name that it does not know, and tells two of them apart all the same', () => {
    const [one, two] = ['jane@doe.example', 'application_hired_2'].map((event) => read({ event, data: {} }))
    expect([one?.name, two?.name]).toEqual(['other', 'other'])
    expect(one?.identity).not.toEqual(two?.identity)
  })

  it.each([null, '', true, {}, [], 'never', -5, 1e21, '0001-01-01', ['1614687278']])(
    'reads a hire whose time is %j, and takes the same bytes again for the same event (W19)',
    (triggeredAt) => {
      const event = read(hired({ id: 1 }, triggeredAt))
      expect(event).toMatchObject({ name: 'application_hired', subject: '1', triggeredAt: undefined })
      expect(read(hired({ id: 1 }, triggeredAt)).identity).toEqual(event.identity)
      expect(read(hired({ id: 2 }, triggeredAt)).identity).not.toEqual(event.identity)
    },
  )

  it.each([
    [1614687278, '2021-03-02T12:14:38Z'],
    [1614687278000, '2021-03-02T12:14:38Z'],
    ['1614687278', '2021-03-02T12:14:38Z'],
    [' 1614687278000 ', '2021-03-02T12:14:38Z'],
    ['2026-03-01T21:30:00+01:00', '2026-03-01T20:30:00Z'],
    ['2026-03-01T21:30:00.000Z', '2026-03-01T21:30:00Z'],
    ['2026-03-01 21:30:00 UTC', '2026-03-01T21:30:00Z'],
    ['2026-03-01T21:30:00', '2026-03-01T21:30:00Z'],
    ['2026-03-01', '2026-03-01T00:00:00Z'],
  ])('reads the time %j (W19)', (triggeredAt, instant) => {
    expect(read(hired({ id: 1 }, triggeredAt)).triggeredAt).toEqual(new Date(instant))
  })

  it('reads what it can beside members that are null or of another type', () => {
    for (const odd of [null, {}, [], true, 7, 'odd']) {
      const { data, ...envelope } = hired({ id: 1 }, 1614687278)
      const subjects = [
        read({ ...envelope, data: { ...data, job: odd } }),
        read({ ...envelope, data, extra: odd }),
        read({ ...envelope, event: odd, data }),
      ].map(({ subject }) => subject)
      expect(subjects).toEqual(['1', '1', '1'])
      expect(read({ ...envelope, data: odd })).toMatchObject({
        name: 'application_hired',
        subject: undefined,
      })
    }
    expect(read(hired({ id: ' 9000001 ' }, 1)).subject).toBe('9000001')
  })

  it('gives what was readable before the identity that it had before', () => {
    const hash = (text: string) => createHash('sha256').update(text).digest()
    expect(read(hired({ id: 8863807 }, 1614687278)).identity).toEqual(
      hash('["application_hired","application","8863807","1614687278"]'),
    )
    for (const body of [
      hired({ id: 1 }),
      { ...hired({ id: 1 }, 5), data: { application: { id: 1 }, job: null } },
    ]) {
      expect(read(body)).toMatchObject({ subject: '1', identity: hash(JSON.stringify(body)) })
    }
  })

  const json = JSON.stringify(hired({ id: 1 }, 1614687278))
  it.each([
    ['a byte order mark', Buffer.from(`\ufeff${json}`)],
    ['UTF-16', Buffer.from(json, 'utf16le')],
    ['UTF-16 with its mark', Buffer.from(`\ufeff${json}`, 'utf16le')],
    ['UTF-16 the other way round', Buffer.from(`\ufeff${json}`, 'utf16le').swap16()],
    ['gzip', gzipSync(json)],
    ['deflate', deflateSync(json)],
    ['deflate without its head', deflateRawSync(json)],
    ['brotli', brotliCompressSync(json)],
    ['brotli in gzip', gzipSync(brotliCompressSync(json))],
  ])('reads a body in %s as the same event (W21)', (_what, body) => {
    expect(readEvent(body)).toEqual(readEvent(Buffer.from(json)))
  })

  it('unpacks no more than a body may be, and takes half of one for what it is', () => {
    const much = JSON.stringify({ ...hired({ id: 1 }, 1), filler: 'x'.repeat(1024 * 1024) })
    for (const packed of [
      gzipSync(much),
      deflateSync(much),
      brotliCompressSync(much),
      gzipSync(gzipSync(much)),
    ]) {
      expect(readEvent(packed)).toMatchObject({ unread: 'too_large', subject: undefined })
    }
    const half = gzipSync(json).subarray(0, 60)
    expect(readEvent(half)).toMatchObject({
      unread: 'no_json',
      identity: createHash('sha256').update(half).digest(),
    })
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
