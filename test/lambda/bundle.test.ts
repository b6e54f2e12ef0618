import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { bundleLambda } from '../../scripts/bundle-lambda.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpoint-webhooks-bundle-'))
  await bundleLambda(folder)
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the bundle of the functions', () => {
  it('has a receive function of at most 1.5 MB, which a cold start has to read', async () => {
    expect((await stat(join(folder, 'src/lambda/receive.mjs'))).size).toBeLessThanOrEqual(1_500_000)
  })

  it('M10: has zod told to make no code from strings, before anything else is made', async () => {
    for (const name of ['receive', 'work']) {
      const text = await readFile(join(folder, `src/lambda/${name}.mjs`), 'utf8')
      expect(text, name).toMatch(/jitless: ?(true|!0)/)
    }
  })

  it('has every migration at the place where the code looks for it', async () => {
    expect(await readdir(join(folder, 'migrations'))).toEqual(
      await readdir(join(import.meta.dirname, '../../migrations')),
    )
  })
})
