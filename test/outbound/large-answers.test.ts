// H3: what an answer can make us hold is small, and known beforehand.
import { gzipSync } from 'node:zlib'

import { expect, it } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { createAnswerPlaces } from '../../src/outbound/answer-places.ts'
import { until } from '../support/until.ts'
import { client, failureOf, json, serve } from './little-server.ts'

const MiB = 1024 * 1024
const read = { method: 'GET', path: '/people', bucket: 'search' } as const
const list = { ...read, list: true } as const
const text = (bytes: number) => ({ text: 'x'.repeat(bytes) })

it.each([
  ['of more than a mebibyte', read, JSON.stringify(text(MiB))],
  ['to a list, of more than two', list, JSON.stringify(text(2 * MiB))],
  ['that is small until it is unpacked', list, gzipSync(JSON.stringify(text(3 * MiB)))],
  ['of half a million members', list, `[${'{},'.repeat(500_000)}{}]`],
  ['that goes down half a million steps', list, '['.repeat(500_000) + ']'.repeat(500_000)],
])('an answer %s is told as too large at once, and not tried again', async (_what, request, body) => {
  const server = await serve((response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(body)
  })
  const failure = await failureOf(client(server.url).send(request))
  expect(failure).toMatchObject({ name: 'NeedsPerson', code: 'bob.answer_too_large' })
  expect(failure).toHaveProperty('fix', expect.stringContaining('make it smaller'))
  expect(server.requests).toHaveLength(1)
})

it('an answer within its bound is read, in whatever pieces it comes', async () => {
  const body = JSON.stringify(text(20_000))
  const server = await serve((response, { url = '' }) => {
    if (!url.startsWith('/pieces')) {
      json(response, 200, text(url.startsWith('/list') ? 1.9 * MiB : 0.9 * MiB))
      return
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    for (const character of body) response.write(character)
    response.end()
  })
  const http = client(server.url)
  expect(await http.send({ ...read, path: '/plain' })).toMatchObject({ json: text(0.9 * MiB) })
  expect(await http.send({ ...list, path: '/list' })).toMatchObject({ json: text(1.9 * MiB) })
  expect(await http.send({ ...read, path: '/pieces' })).toMatchObject({ json: text(20_000) })
})

it('what is made although its answer is too large may be there: somebody has to look', async () => {
  const server = await serve((response) => json(response, 200, text(MiB)))
  const made = client(server.url).send({ ...read, method: 'POST', effect: true })
  expect(await failureOf(made)).toMatchObject({ name: 'RetryLater', outcome: 'unclear' })
})

it('large answers come one after the other where there is no place for all, and small ones pass them', async () => {
  const held: (() => void)[] = []
  const server = await serve((response, { url = '' }) => {
    if (url === '/small') {
      json(response, 200, {})
      return
    }
    const body = JSON.stringify(text(MiB - 100))
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    response.write(body.slice(0, 128 * 1024))
    held.push(() => void response.end(body.slice(128 * 1024)))
  })
  const http = client(server.url, { timeoutSeconds: 30 })
  const all = Array.from({ length: 12 }, () => http.send(read))
  await until('all to have begun', async () => held.length === 12)
  expect(await http.send({ ...read, path: '/small' })).toMatchObject({ json: {} })
  for (const go of held) go()
  expect((await Promise.all(all)).map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 200))
})

it('one origin never has all places, who waits goes when one is given back, and who gives up waits no more', () => {
  const closing = new AbortController().signal
  const places = createAnswerPlaces({ clock: systemClock, closing, places: 3, each: 2 })
  const went: string[] = []
  const take = (origin: string, name: string) => places.take(origin, () => went.push(name))
  const [first] = [take('a', 'a1'), take('a', 'a2')] as const
  const third = take('a', 'a3')
  take('a', 'a4')
  const other = take('b', 'b1')
  const late = take('c', 'c1')
  expect([first, third, other, late].map(({ waits }) => waits)).toEqual([false, true, false, true])
  third.leave()
  first.leave()
  first.leave()
  expect(went).toEqual(['a4'])
  late.leave()
  other.leave()
  expect(went).toEqual(['a4'])
})

it('an origin rests twenty times as long as its answer keeps the process busy, at most a second, and no other one does', async () => {
  let now = 0
  const sleeps: { readonly milliseconds: number; readonly end: () => void }[] = []
  const clock = {
    now: () => new Date(now),
    sleep: (milliseconds: number) =>
      new Promise<void>((resolve) => {
        sleeps.push({ milliseconds, end: resolve })
      }),
  }
  const places = createAnswerPlaces({ clock, closing: new AbortController().signal, places: 2, each: 1 })
  const went: string[] = []
  const read = async (origin: string, milliseconds: number, bytes = 0) => {
    const place = places.take(origin, () => went.push(origin))
    place.arrived(bytes)
    now += milliseconds
    place.leave()
    return until('the rest', () => sleeps.shift())
  }
  const rest = await read('a', 30)
  expect(rest.milliseconds).toBe(600)
  expect(places.take('a', () => went.push('a')).waits).toBe(true)
  expect((await read('b', 90)).milliseconds).toBe(1000)
  expect((await read('d', 0, MiB)).milliseconds).toBeGreaterThan(200)
  expect(places.take('c', () => went.push('c')).waits).toBe(false)
  expect(went).toEqual([])
  rest.end()
  await until('the one that waits', () => went.length > 0)
  expect(went).toEqual(['a'])
})
