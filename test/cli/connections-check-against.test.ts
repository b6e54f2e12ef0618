// `connections check --against`: whether what a file says exists in HiBob, before the file is applied.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { runCommand } from '../support/command-line.ts'
import { declaration, openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld({ service: false, webhook: true })
  world.sandbox.pinpoint.addTenant({
    subdomain: 'acme',
    customFields: [{ name: 'T-shirt size', resourceType: 'application' }],
  })
  world.sandbox.hibob.configure('acme', {
    titles: ['Software Engineer', { name: 'Astronaut', archived: true }],
    departments: [
      { name: 'Product', children: ['Design', 'Data'] },
      { name: 'Company', children: ['Data', 'People'] },
    ],
  })
})
afterAll(() => world.close())

const hibob = { site: undefined }
const written = async (mapping: object, settings: object = hibob) => {
  const path = join(world.config.dataDir, 'not-applied.json')
  const file = declaration(world.sandbox, { hibob: { ...settings }, connection: { mapping: { ...mapping } } })
  await writeFile(path, JSON.stringify(file))
  return path
}
const check = (...words: readonly string[]) => runCommand(['connections', 'check', ...words], world.env)
const applied = async () => {
  const { pool } = world.store.database
  return JSON.stringify([
    (await pool.query('select * from connections order by id')).rows,
    (await pool.query('select count(*) from audit')).rows,
  ])
}

const wrong = {
  'work.site': {
    from: 'job.location',
    values: { NYC: 'New York', Leeds: 'New York' },
    otherwise: { value: 'Londn (Demo)' },
  },
  'work.title': { constant: 'Astronaut' },
  'work.department': { constant: 'Data' },
  'work.custom.field_404': 'application.custom["Tshirt size"]',
}

describe('connections check --against', () => {
  it('says all at once what HiBob does not have, each with the line that mends it, and writes nothing', async () => {
    const before = await applied()
    const { code, out } = await check('acme', 'hibob', '--against', await written(wrong))
    expect(code).toBe(2)
    for (const finding of [
      'FAIL  Pinpoint custom fields: Pinpoint has no custom field application.custom["Tshirt size"]',
      '          fix: application.custom["T-shirt size"] # instead of application.custom["Tshirt size"]',
      'FAIL  Mapping: The destination has no field work.custom.field_404',
      'FAIL  Mapping: "New York", which is a result in the table of values of Site (work.site), is not in its list.',
      '          fix: NYC: "New York (Demo)" # in the values of work.site\n          fix: Leeds: "New York (Demo)"',
      '          fix: otherwise: { value: "London (Demo)" } # of work.site',
      'FAIL  Mapping: "Astronaut", which is the constant of Job title (work.title), is archived in its list.',
      'FAIL  Mapping: "Data", which is the constant of Department (work.department), is several items of its list',
    ])
      expect(out).toContain(finding)
    expect(out).toMatch(/fix: work\.department: \{ constant: "\d+" \}/)
    expect(out).toContain('Nothing was applied.')
    expect(await applied()).toBe(before)
  })

  it('is stable as JSON', async () => {
    const { code, json } = await check('acme', '--against', await written(wrong), '--json')
    expect(code).toBe(2)
    expect(json).toMatchObject({
      ok: false,
      resumed: 0,
      connections: [{ tenant: 'acme', integration: 'hibob', unpaused: false }, { integration: 'webhook' }],
    })
    const { connections } = json as { connections: { report: { what: string; mend?: string }[] }[] }
    expect(connections[0]?.report.filter(({ mend }) => mend !== undefined).map(({ mend }) => mend)).toEqual([
      'application.custom["T-shirt size"] # instead of application.custom["Tshirt size"]',
      'NYC: "New York (Demo)" # in the values of work.site\nLeeds: "New York (Demo)" # in the values of work.site',
      'otherwise: { value: "London (Demo)" } # of work.site',
      expect.stringMatching(/^work\.title: \{ constant: .* \}$/),
      expect.stringMatching(/^work\.department: \{ constant: "\d+" \}$/),
    ])
  })

  it('is content with a mapping that fits, and names the mapped site', async () => {
    const fits = { 'work.site': { from: 'job.location', values: { NYC: 'New York (Demo)' } } }
    const { code, out } = await check('acme', 'hibob', '--against', await written(fits))
    expect([code, out]).toEqual([0, expect.stringContaining('Site: `work.site` is mapped')])
    expect(out).not.toContain('No site is set')
  })

  it('takes what `mapping suggest` prints, in place of what the connection has', async () => {
    const path = join(world.config.dataDir, 'suggested.yaml')
    await writeFile(path, '# Proposed\nmapping:\n  work.title: { constant: Sofware Engineer }\n')
    const { code, out } = await check('acme', 'hibob', '--against', path)
    expect([code, out]).toEqual([
      2,
      expect.stringContaining('fix: work.title: { constant: Software Engineer }'),
    ])
    expect(await check('acme', '--against', path)).toMatchObject({
      code: 64,
      err: expect.stringContaining('Name TENANT and INTEGRATION.') as string,
    })
  })

  it('checks a tenant that is not applied yet, with what its file says, and needs no database', async () => {
    const other = JSON.stringify(declaration(world.sandbox, { hibob: { site: 'Atlantis' } })).replaceAll(
      '"slug":"acme"',
      '"slug":"new"',
    )
    const path = join(world.config.dataDir, 'new.json')
    await writeFile(path, other)
    const nowhere = { ...world.env, DATABASE_URL: 'postgres://127.0.0.1:1/none' }
    const { code, out } = await runCommand(['connections', 'check', '--against', path], nowhere)
    expect(code).toBe(2)
    expect(out).toMatch(/^FAIL {2}new hibob\n(.*\n)* {2}FAIL {2}Site: HiBob has no site "Atlantis"/)
  })

  it('looks at open jobs as well', async () => {
    world.sandbox.pinpoint.addJob({ location: 'Atlantis', title: 'Software Engineer', department: 'People' })
    const { code, out } = await check('acme', 'hibob', '--open-jobs', '--against', await written({}))
    expect([code, out]).toEqual([2, expect.stringContaining('HiBob has no site "Atlantis"')])
  })

  it.each([
    [['nobody'], 2, 'The file has no connection of nobody.'],
    [['acme', 'slack'], 2, 'The file has no connection of acme slack.'],
  ])('says where the file has none: %j', async (words, exit, said) => {
    const { code, err } = await check(...words, '--against', await written({}))
    expect([code, err]).toEqual([exit, expect.stringContaining(said)])
  })

  it('says what `apply` would say first', async () => {
    const { code, err } = await check('--against', await written({ 'work.sit': 'job.location' }))
    expect([code, err]).toEqual([2, expect.stringContaining('Did you mean work.site')])
  })
})
