// M8: whoever lets tenants reach private addresses is told so, at each start and by `doctor`.
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'

import { runCommand } from '../support/command-line.ts'
import { startServiceProcess } from '../support/service-process.ts'
import { openWorld, type World } from '../support/world.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let world: World
beforeAll(async () => {
  world = await openWorld({ service: false })
})
afterAll(() => world.close())

const envWith = (allowed: boolean) => ({ ...world.env, DANGEROUS_ALLOW_PRIVATE_NETWORK: String(allowed) })

it.each([true, false])(
  'the start warns of DANGEROUS_ALLOW_PRIVATE_NETWORK where it is on (%j)',
  async (allowed) => {
    const service = await startServiceProcess(envWith(allowed))
    onTestFinished(() => service.kill())
    const warned = service
      .output()
      .split('\n')
      .filter((line) => line.includes('DANGEROUS_ALLOW_PRIVATE_NETWORK is on'))
    const warn = 40
    expect(warned.map((line) => (JSON.parse(line) as { level: unknown }).level)).toEqual(
      allowed ? [warn] : [],
    )
  },
)

it.each([true, false])('doctor warns of it and fails nothing for it (%j)', async (allowed) => {
  const { code, json } = await runCommand(['doctor', '--json'], envWith(allowed))
  const { findings } = json as { readonly findings: readonly { readonly what: string }[] }
  expect(findings.filter(({ what }) => what === 'Private network')).toEqual(
    allowed
      ? [
          {
            ...{ ok: true, warning: true, what: 'Private network' },
            because: expect.stringContaining('ALLOW_PRIVATE_DESTINATIONS') as string,
          },
        ]
      : [],
  )
  expect(code).toBe(0)
})
