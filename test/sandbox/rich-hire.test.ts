// The sandbox's README sets up a hire with everything; with it, every example of a mapping in the documentation works as it stands.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'

import { hireEvent } from '../../sandbox/index.ts'
import { isRecord } from '../../src/base/refusal.ts'
import { runCommand } from '../support/command-line.ts'
import { commandsBelow, runBlock } from '../support/page-commands.ts'
import { openWorld, type World } from '../support/world.ts'

const root = join(import.meta.dirname, '../..')
const application = '9000001'
const hibob = { site: undefined }

const examples = globSync('docs/**/*.md', { cwd: root }).flatMap((page) =>
  Array.from(
    readFileSync(join(root, page), 'utf8').matchAll(/^```ya?ml\n([\s\S]*?)^```/gm),
    ([, yaml = ''], at) => ({ name: `${page}, ${at + 1}`, mapping: mappingIn(yaml) }),
  ).filter(({ mapping }) => mapping !== undefined),
)

function mappingIn(yaml: string): Readonly<Record<string, unknown>> | undefined {
  const file: unknown = parse(yaml)
  return isRecord(file) && isRecord(file['mapping']) ? file['mapping'] : undefined
}

let world: World
beforeAll(async () => {
  world = await openWorld({ hibob })
  const [block = ''] = await commandsBelow('sandbox/README.md', 'A hire with everything')
  const instead = { 'localhost:4010': new URL(world.sandbox.url).host }
  await runBlock(block, { cwd: world.config.dataDir, instead })
})
afterAll(() => world.close())

const run = (...words: readonly string[]) => runCommand([...words, '--json'], world.env)

it('has a value for every source, and goes through', async () => {
  const { json } = await run('sources', 'list', 'acme', '--application', application)
  const { sources, notShown } = json as {
    readonly sources: readonly { readonly id: string; readonly value: string | null }[]
    readonly notShown: readonly string[]
  }
  expect(notShown).toEqual([])
  // The time of the webhook is not Pinpoint's.
  expect(sources.filter(({ value }) => value === null).map(({ id }) => id)).toEqual(['event.at'])
  const ids = sources.map(({ id }) => id)
  for (const owner of ['application', 'offer', 'job', 'candidate'])
    expect(
      ids.some((id) => id.startsWith(`${owner}.custom[`)),
      owner,
    ).toBe(true)
  expect(ids).toContain('onboarding.answer["Laptop"]')

  const job = world.sandbox.pinpoint.application(application)?.job.id ?? ''
  expect((await world.send(hireEvent(application, job))).status).toBe(200)
  expect(await world.settled(1)).toMatchObject([{ state: 'done' }])
})

describe('The examples of mappings', () => {
  it('are there', () => {
    expect(examples.length).toBeGreaterThan(4)
  })

  it.each(examples)('$name', async ({ mapping = {} }) => {
    await world.apply({ hibob, connection: { mapping } })
    const check = await run('connections', 'check', 'acme', 'hibob')
    expect(check.code, JSON.stringify(check.json)).toBe(0)
    const { json } = await run('mapping', 'test', 'acme', 'hibob', '--application', application)
    const { hires } = json as {
      readonly hires: readonly {
        readonly fields: readonly {
          readonly target: string
          readonly value: unknown
          readonly problem: unknown
        }[]
      }[]
    }
    const fields = hires[0]?.fields.filter(({ target }) => target in mapping) ?? []
    expect(fields.map(({ target }) => target).toSorted()).toEqual(Object.keys(mapping).toSorted())
    expect(fields.filter(({ value, problem }) => value === null || problem !== null)).toEqual([])
  })
})
