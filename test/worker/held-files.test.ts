// M5: however many hires come together, their files take no more memory than is set aside for them.
import { expect, it } from 'vitest'

import { RetryLater } from '../../src/base/failure.ts'
import type { ConnectionId } from '../../src/base/ids.ts'
import { createHeldFiles, mostHeldByOne, mostHeldBytes } from '../../src/worker/held-files.ts'
import { createVirtualClock } from '../support/virtual-clock.ts'

const mebibyte = 1024 * 1024
const maxBytes = 5 * mebibyte
const connection = (name: string) => `con_${name}` as ConnectionId
const settle = () => new Promise((resolve) => setImmediate(resolve))

/** `sizes`: what the server says of the files, by their number. Undefined: nothing. */
function open(sizes: (url: string) => number | undefined = () => undefined) {
  const clock = createVirtualClock()
  const underWay: { readonly url: string; readonly answer: (size: number | 'too_large' | Error) => void }[] =
    []
  const files = createHeldFiles({
    clock,
    async download(url, { maxBytes: most, reserve }) {
      await reserve?.(sizes(url) ?? most)
      return new Promise((resolve, reject) => {
        const answer = (size: number | 'too_large' | Error) => {
          if (size instanceof Error) reject(size)
          else resolve(size === 'too_large' ? size : { bytes: new Uint8Array(size), contentType: '' })
        }
        underWay.push({ url, answer })
      })
    },
  })
  return { clock, files, underWay }
}

it('counts a file as large as it may be while it comes, and as it is until its run lets go of it', async () => {
  const { files, underWay } = open()
  const tries = Array.from({ length: 40 }, (_, index) => files.open(connection(String(index % 4))))
  const downloads = tries.map(({ download }, index) =>
    download(`https://files.example.com/${index}`, { maxBytes }),
  )
  await settle()
  const atOnce = Math.floor(mostHeldBytes / maxBytes)
  expect(underWay).toHaveLength(atOnce)

  underWay[0]?.answer(mebibyte)
  underWay[1]?.answer('too_large')
  underWay[2]?.answer(new Error('reset'))
  await Promise.allSettled(downloads.slice(0, 3))
  await settle()
  // 46 MiB are held: by nine that come and one that is there.
  expect(underWay).toHaveLength(atOnce + 3)
  underWay[3]?.answer(4 * mebibyte)
  await downloads[3]
  await settle()
  expect(underWay).toHaveLength(atOnce + 3)
  tries[3]?.release()
  await settle()
  expect(underWay).toHaveLength(atOnce + 4)
})

it('counts a file as large as its server says from the beginning, so that many small ones come at once', async () => {
  const { files, underWay } = open(() => mebibyte / 2)
  const one = connection('1')
  for (let number = 0; number < 100; number++)
    void files.open(one).download(`https://files.example.com/${number}`, { maxBytes })
  await settle()
  expect(underWay).toHaveLength(mostHeldByOne / (mebibyte / 2))
})

it('leaves half of it to others, whoever comes first', async () => {
  const { files, underWay } = open()
  const greedy = connection('greedy')
  for (let one = 0; one < 20; one++)
    void files
      .open(greedy)
      .download(`https://greedy.example.com/${one}`, { maxBytes: 20 * mebibyte })
      .catch(() => undefined)
  void files.open(connection('other')).download('https://other.example.com/cv', { maxBytes })
  await settle()
  expect(underWay.map(({ url }) => new URL(url).host)).toEqual(['greedy.example.com', 'other.example.com'])
  expect(mostHeldByOne).toBe(mostHeldBytes / 2)
})

it('makes a run come back that waits for long, and forgets its place', async () => {
  const { clock, files, underWay } = open()
  const one = files.open(connection('1'))
  void one.download('https://files.example.com/large', { maxBytes: mostHeldBytes })
  const waits = files.open(connection('1')).download('https://files.example.com/next', { maxBytes })
  const failed = expect(waits).rejects.toMatchObject({
    name: 'RetryLater',
    code: 'runs.files_busy',
    kind: 'busy',
  })
  await clock.runUntil(new Date(clock.now().getTime() + 31_000))
  await failed
  await expect(waits).rejects.toBeInstanceOf(RetryLater)
  underWay[0]?.answer('too_large')
  await settle()
  expect(underWay).toHaveLength(1)
})
