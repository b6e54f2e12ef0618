// `mapping suggest`: tables of values for open jobs against HiBob's lists, as YAML that can be pasted and applied.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'

import { runCommand } from '../support/command-line.ts'
import { declaration, openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

const acme = ['--tenant', 'acme', '--integration', 'hibob']
const suggest = (...words: readonly string[]) => runCommand(['mapping', 'suggest', ...words], world.env)

const site = 'work.site'

describe('mapping suggest', () => {
  it('proposes what is near as YAML that apply takes, and then has nothing more to propose', async () => {
    world = await openWorld({ service: false, hibob: { site: undefined } })
    world.sandbox.pinpoint.addJob({ id: '1', location: 'London – Demo' })
    world.sandbox.pinpoint.addJob({ id: '2', location: 'london (demo)', title: 'Sofware Engineer' })
    world.sandbox.pinpoint.addJob({ id: '3', location: 'Bergen', status: 'closed' })
    world.sandbox.pinpoint.addJob({ id: '4', location: 'Ulan Bator' })
    const { code, out } = await suggest(...acme)
    expect(code).toBe(0)
    const { mapping } = parse(out) as { mapping: Record<string, object> }
    expect(mapping).toMatchObject({
      [site]: { from: 'job.location', values: { 'London – Demo': 'London (Demo)' } },
      'work.title': {
        from: ['offer.jobTitle', 'job.title'],
        values: { 'Sofware Engineer': 'Software Engineer' },
      },
    })
    expect(out).toMatch(/Sofware Engineer: Software Engineer +# near: is it the same\? 1 job$/m)
    expect(out).toMatch(/^# work\.site: nothing in the list is near "Ulan Bator" \(1 job\)$/m)
    expect(out).not.toContain('Bergen')

    const path = join(world.config.dataDir, 'acme.json')
    const changed = declaration(world.sandbox, { hibob: { site: undefined }, connection: { mapping } })
    await writeFile(path, JSON.stringify(changed))
    expect((await runCommand(['apply', path], world.env)).code).toBe(0)
    const { json } = await suggest(...acme, '--json')
    expect(json).toMatchObject({ jobs: 3, allJobs: true, mapping: {} })
  })

  it('goes on from the settings, and says that they are replaced', async () => {
    world = await openWorld({ service: false, hibob: { site: undefined, sites: { Leeds: 'London (Demo)' } } })
    world.sandbox.pinpoint.addJob({ id: '1', location: 'Londn (Demo)' })
    const { out } = await suggest(...acme)
    expect(parse(out)).toMatchObject({
      mapping: { [site]: { values: { Leeds: 'London (Demo)', 'Londn (Demo)': 'London (Demo)' } } },
    })
    expect(out).toContain('# Remove `sites` from its settings')
  })

  it('says that nothing has to be mapped', async () => {
    world = await openWorld({ service: false })
    expect((await suggest(...acme)).out).toContain('There are no open jobs.')
    const known = { title: 'designer', department: 'People', location: 'London (Demo)' }
    world.sandbox.pinpoint.addJob({ id: '1', ...known })
    expect((await suggest(...acme)).out).toContain(
      '# Nothing to map: the lists of HiBob have what 1 open job needs.',
    )
  })

  it('has divisions of jobs and the titles of recent offers, in a bounded number of calls', async () => {
    const mapping = { 'work.department': 'job.division' }
    world = await openWorld({ service: false, connection: { mapping } })
    const { pinpoint, calls } = world.sandbox
    const known = { title: 'Designer', location: 'London (Demo)', division: 'Enginering' }
    for (let count = 0; count < 120; count++) pinpoint.addJob({ id: String(1 + count), ...known })
    const offered = (jobTitle: string) => ({
      job: { title: 'Designer' },
      offers: [{ jobTitle, result: 'accepted' as const }],
    })
    pinpoint.addApplication(offered('Sofware Engineer'))
    pinpoint.addApplication(offered('Sofware Engineer'))
    pinpoint.addApplication({ ...offered('Chef'), stage: 'offer' })
    pinpoint.addApplication({
      ...offered('Astronaut'),
      job: { title: 'Designer', visibility: 'confidential' },
    })
    calls.reset()
    const { out, code } = await suggest(...acme)
    expect(code).toBe(0)
    expect(parse(out)).toEqual({
      mapping: {
        'work.title': {
          from: ['offer.jobTitle', 'job.title'],
          values: { 'Sofware Engineer': 'Software Engineer' },
        },
        'work.department': { from: 'job.division', values: { Enginering: 'Engineering' } },
      },
    })
    expect(out).toMatch(/Engineering +# near: is it the same\? 120 jobs$/m)
    expect(out).toMatch(/Software Engineer +# near: is it the same\? 2 hires$/m)
    expect(out).toMatch(/^# work\.title: nothing in the list is near "Astronaut" \(1 hire\)$/m)
    expect(out).not.toContain('Chef')
    expect(calls.counts()).toEqual({
      'pinpoint jobs.list 200': 2,
      'pinpoint applications.list 200': 1,
      'hibob fields.list 200': 1,
      'hibob lists.all 200': 1,
    })
  })

  it('names divisions that no field takes, and what Pinpoint does not send along', async () => {
    world = await openWorld({ service: false })
    const known = { title: 'designer', department: 'People', location: 'London (Demo)' }
    world.sandbox.pinpoint.addJob({ ...known, division: 'Retail' })
    expect((await suggest(...acme)).out).toContain(
      '# job.division: no list of HiBob is mapped from it. Open jobs have "Retail"; map a field from job.division, and its values are proposed.',
    )
    const { faults } = world.sandbox
    faults.add({ system: 'pinpoint', operation: 'jobs.list', effect: { status: 400 } })
    faults.add({ system: 'pinpoint', operation: 'applications.list', effect: { status: 403 } })
    const { out } = await suggest(...acme)
    expect(out).toContain('# Pinpoint does not send along the divisions of jobs.')
    expect(out).toContain(
      '# Pinpoint does not send along the offers of hires, so their titles were not compared.',
    )
    expect(out).toContain('# Nothing to map: the lists of HiBob have what 1 open job needs.')
  })

  it('prints what `mapping test --against` takes as it is, in place of settings as well', async () => {
    world = await openWorld({ service: false, hibob: { site: undefined, sites: { Leeds: 'London (Demo)' } } })
    const job = { title: 'Designer', department: 'People', location: 'Londn (Demo)' }
    world.sandbox.pinpoint.addJob(job)
    const { id } = world.sandbox.pinpoint.addApplication({ job })
    const path = join(world.config.dataDir, 'suggested.yaml')
    const against = async (text: string) => {
      await writeFile(path, text)
      const test = ['mapping', 'test', ...acme, '--application', id, '--against', path]
      return runCommand(test, world.env)
    }
    const proposed = await suggest(...acme)
    const { out, code } = await against(proposed.out)
    expect(code).toBe(0)
    expect(out).toMatch(/work\.site\n +- Londn \(Demo\)\n[^+]*\n +\+ London \(Demo\)/)
    expect(out).toContain('With the file: Of 1, 1 would go through with all that Pinpoint has')
    expect((await against('# Nothing to map.\n')).out).toContain('Nothing would differ.')
    const wrong = await against('mapping: { work.sit: job.location }')
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('Did you mean work.site')])
    expect((await against('mapping: 3')).code).toBe(2)
  })

  it('says what is wrong', async () => {
    world = await openWorld({ service: false, webhook: true })
    const wrong = async (words: readonly string[], code: number, said: string) => {
      const ended = await suggest(...words)
      expect([ended.code, ended.err]).toEqual([code, expect.stringContaining(said)])
    }
    await wrong([], 64, "missing required argument 'TENANT'")
    await wrong(['--tenant', 'nobody', '--integration', 'hibob'], 1, 'There is no tenant "nobody".')
    await wrong(['--tenant', 'acme', '--integration', 'webhook'], 1, 'has no fields to map')
    const { faults } = world.sandbox
    faults.add({ system: 'pinpoint', operation: 'jobs.list', effect: { status: 403 }, times: 2 })
    await wrong(acme, 2, 'Job: Read')
    faults.add({ system: 'hibob', operation: 'fields.list', effect: { status: 403 } })
    await wrong(acme, 2, 'they lack a permission: fields (403')
  })
})
