// The text of the comment is the customer's; that there is one, and only one, is ours.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterEach, describe, expect, it } from 'vitest'

import { runCommand } from '../support/command-line.ts'
import { declaration, openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

async function apply(comment: string | undefined) {
  const path = join(world.config.dataDir, 'acme.json')
  await writeFile(path, JSON.stringify(declaration(world.sandbox, { connection: { comment } })))
  return runCommand(['apply', path], world.env)
}
const comments = () => world.sandbox.pinpoint.comments().map(({ bodyText }) => bodyText)

describe('The comment on the application', () => {
  it('says what the connection’s template says, and a change of the template makes no second one', async () => {
    world = await openWorld({
      connection: { comment: '{record}\n{integration.title} has them: {job.title}' },
    })
    const application = await world.hire({ email: 'ada@example.com', job: { title: 'Engineer' } })
    const [run] = await world.settled(1)
    const [employee] = world.sandbox.ledger().employees
    const first = `Record created with ID: ${employee?.id ?? ''}\nHiBob has them: Engineer`
    expect(comments()).toEqual([first])

    expect((await apply('{record}\nWelcome!')).code).toBe(0)
    // As when the ledger has lost what was made.
    await world.store.database.pool.query('delete from effects')
    await runCommand(['replay', run?.event ?? '', '--integration', 'hibob'], world.env)
    await world.settled(2)
    expect(comments()).toEqual([first])
    expect(world.sandbox.ledger().employees).toHaveLength(1)
    expect(application).toBeTruthy()
  })

  it('has its first line only where the template has no value, with a warning', async () => {
    // Where a sandbox account shows its people is not known.
    world = await openWorld({ connection: { comment: '{record}\n{record.url}' } })
    await world.hire({ email: 'ada@example.com' })
    const [run] = await world.settled(1)
    expect(run).toMatchObject({ state: 'done', result: { did: 'created' } })
    expect(JSON.stringify(run?.result)).toContain('pinpoint.comment_cut')
    expect(comments()).toEqual([expect.stringMatching(/^Record created with ID: \d+$/)])
  })

  it('a template that is wrong is a fault of apply, and changes nothing', async () => {
    world = await openWorld({ service: false })
    const { code, err } = await apply('{record}\n{integration.titel}')
    expect(code).not.toBe(0)
    expect(err).toContain('comment')
    expect(err).toContain('Did you mean integration.title?')
    expect((await apply(undefined)).code).toBe(0)
  })
})
