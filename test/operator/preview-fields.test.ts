// A preview says target by target what a run would send, as `mapping test` does.
import { afterEach, describe, expect, it } from 'vitest'

import { runCommand } from '../support/command-line.ts'
import { openWorld, type World, type WorldOptions } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const email = 'ada@example.com'
const mapping = {
  'root.firstName': 'candidate.preferredName',
  'work.department': { from: 'job.department', otherwise: 'park' },
  'work.custom.field_1': { constant: 'Pinpoint' },
}

interface Previewed {
  readonly previewed: readonly {
    readonly code: string | null
    readonly fields: readonly { readonly target: string; readonly problem: object | null }[] | null
    readonly fieldsUnread: string | null
  }[]
}
const oneOf = (json: unknown) => (json as Previewed).previewed[0]

/** An event that nothing has handled. */
async function held(options: WorldOptions, department = 'Enginering'): Promise<readonly [string, string]> {
  world = await openWorld(options)
  await runCommand(['connections', 'disable', 'acme', 'hibob'], world.env)
  const subject = await world.hire({ email, preferredName: 'Adelheid', job: { department } })
  const [event] = await world.store.runs.listEvents({ subject, limit: 1 })
  await runCommand(['connections', 'enable', 'acme', 'hibob'], world.env)
  return [event?.id ?? '', subject]
}

const preview = (...words: readonly string[]) => runCommand(['preview', ...words], world.env)
const mappingTest = (application: string) =>
  runCommand(
    ['mapping', 'test', '--tenant', 'acme', '--integration', 'hibob', '--application', application, '--json'],
    world.env,
  )

describe('A preview', () => {
  it('prints value, source, rule, what HiBob would refuse, and the line that mends it; nothing personal', async () => {
    const [event, subject] = await held({ connection: { mapping } })
    const { out } = await preview(event)
    expect(out).toMatch(/work\.custom\.field_1 +Pinpoint +constant/)
    expect(out).toMatch(/root\.firstName +A•+ +candidate\.preferredName/)
    expect(out).toContain('PARKS: The value "Enginering" of job.department is not in the list')
    expect(out).toContain(
      'fix: work.department: { from: job.department, values: { Enginering: Engineering } }',
    )
    expect(out).toContain('left out: The destination has no such field')
    expect(out).toMatch(/parks +work\.department +1 hire +its value is not in the list of the destination/)
    const { json } = await preview(event, '--json')
    expect(json).toMatchObject({
      fields: { parks: 1, leftOut: 1 },
      problems: [
        { target: 'work.department', code: 'not_a_choice', parks: true, hires: 1 },
        { target: 'work.custom.field_1', code: 'unknown_field', parks: false, hires: 1 },
      ],
    })
    expect(oneOf(json)).toMatchObject({ code: 'hibob.mapping_gaps', fieldsUnread: null })
    const tested = (await mappingTest(subject)).json as {
      readonly hires: readonly { readonly fields: object }[]
    }
    expect(oneOf(json)?.fields).toEqual(tested.hires[0]?.fields)
    expect(JSON.stringify(json) + out).not.toMatch(/Adelheid|ada@/)
  })

  it('does so for a connection without a mapping, of somebody who is there as well, and reads the fields once', async () => {
    const [event, subject] = await held({}, 'Engineering')
    world.sandbox.hibob.addEmployee({ email })
    world.sandbox.calls.reset()
    const { json } = await preview(event, event, '--json')
    const tested = (await mappingTest(subject)).json as {
      readonly hires: readonly { readonly fields: object }[]
    }
    expect(oneOf(json)?.fields).toEqual(tested.hires[0]?.fields)
    expect(oneOf(json)?.fields?.map(({ target }) => target)).toContain('work.site')
    expect((json as Previewed).previewed).toHaveLength(2)
    // Once by the preview of both, once by `mapping test`.
    expect(world.sandbox.calls.count('hibob', 'fields.list')).toBe(2)
  })

  it('says where HiBob does not show its fields, and asks for none of a hire that it cannot handle', async () => {
    const [event] = await held({ webhook: true, connection: { mapping } })
    const { faults, pinpoint } = world.sandbox
    const hidden = {
      system: 'hibob',
      operation: 'fields.list',
      effect: { status: 403 },
      times: 'always',
    } as const
    faults.add(hidden)
    const { out } = await preview(event, '--integration', 'hibob')
    expect(out).toMatch(/work\.department +Enginering +job\.department/)
    expect(out).toContain('not compared with the destination’s own fields: ')
    const { json } = await preview(event, '--integration', 'webhook', '--json')
    expect(oneOf(json)).toMatchObject({ fields: null, fieldsUnread: null })
    pinpoint.addTenant({ subdomain: 'acme', enabled: false })
    world.sandbox.calls.reset()
    expect(oneOf((await preview(event, '--integration', 'hibob', '--json')).json)).toMatchObject({
      fields: null,
    })
    expect(world.sandbox.calls.count('hibob', 'fields.list')).toBe(0)
  })
})
