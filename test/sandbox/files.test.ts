/** CVs are on other hosts than the API, and a key that follows them there is seen. */
import { expect, test } from 'vitest'
import { z } from 'zod'

import type { Sandbox } from '../../sandbox/index.ts'
import { callPinpoint, openSandbox } from './open.ts'

const attached = z.object({
  data: z.object({
    attributes: z.object({ attachments: z.array(z.object({ context: z.string(), url: z.string() })) }),
  }),
})

async function attachments(sandbox: Sandbox, id: string) {
  const answer = await callPinpoint(sandbox, `/applications/${id}?extra_fields[applications]=attachments`)
  return attached.parse(await answer.json()).data.attributes.attachments
}

async function cvUrl(sandbox: Sandbox, id: string): Promise<string> {
  return (await attachments(sandbox, id)).find((one) => one.context === 'pdf_cv')?.url ?? 'about:blank'
}

test('a CV is linked on another host, which redirects to the file', async () => {
  const sandbox = await openSandbox()
  const { id } = sandbox.pinpoint.addApplication()
  const url = await cvUrl(sandbox, id)
  expect(new URL(url).host).not.toBe(new URL(sandbox.url).host)
  const link = await fetch(url, { redirect: 'manual' })
  expect(link.status).toBe(302)
  expect(new URL(link.headers.get('location') ?? '').host).not.toBe(new URL(url).host)
  const file = await fetch(url)
  expect(file.headers.get('content-type')).toBe('application/pdf')
  expect(new Uint8Array(await file.arrayBuffer())).toEqual(new Uint8Array(sandbox.pinpoint.cvBytes(id) ?? []))
  expect(sandbox.ledger().leaks).toEqual([])
})

test('a request for a file that carries the API key is a leak, and the key is not kept', async () => {
  const sandbox = await openSandbox()
  const { id } = sandbox.pinpoint.addApplication()
  await fetch(await cvUrl(sandbox, id), {
    headers: { 'x-api-key': 'pinpoint-sandbox-key' },
    redirect: 'manual',
  })
  expect(sandbox.ledger().leaks).toMatchObject([{ header: 'x-api-key' }])
  expect(JSON.stringify(sandbox.ledger())).not.toContain('pinpoint-sandbox-key')
})

test('the storage link expires after five minutes, the link in the attachment does not', async () => {
  let now = new Date('2026-11-24T10:00:00Z')
  const sandbox = await openSandbox({ clock: { now: () => now, sleep: () => Promise.resolve() } })
  const { id } = sandbox.pinpoint.addApplication()
  const url = await cvUrl(sandbox, id)
  const stored = (await fetch(url, { redirect: 'manual' })).headers.get('location') ?? ''
  now = new Date('2026-11-24T10:06:00Z')
  expect((await fetch(stored)).status).toBe(403)
  expect((await fetch(url)).status).toBe(200)
})

test('an application may have no CV, only the original, or one of any size', async () => {
  const sandbox = await openSandbox()
  const none = sandbox.pinpoint.addApplication({ cv: null })
  expect(await attachments(sandbox, none.id)).toEqual([])
  const original = sandbox.pinpoint.addApplication({ cv: { filename: 'cv.docx', contexts: ['cv'] } })
  expect(await attachments(sandbox, original.id)).toMatchObject([{ context: 'cv' }])
  const large = sandbox.pinpoint.addApplication({ cv: { sizeBytes: 6_000_000 } })
  expect((await (await fetch(await cvUrl(sandbox, large.id))).arrayBuffer()).byteLength).toBeGreaterThan(
    5_999_999,
  )
  const own = sandbox.pinpoint.addApplication({ cv: Buffer.from('%PDF-own') })
  expect(await (await fetch(await cvUrl(sandbox, own.id))).text()).toBe('%PDF-own')
})

test('a link that was not signed here gives nothing', async () => {
  const sandbox = await openSandbox()
  const { id } = sandbox.pinpoint.addApplication()
  const forged = (await cvUrl(sandbox, id)).replace(/\.[0-9a-f]{20}/, `.${'0'.repeat(20)}`)
  expect((await fetch(forged)).status).toBe(404)
})
