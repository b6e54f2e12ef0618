// `connections check --open-jobs` of a connection with a mapping: what the mapping makes of each job is what counts.
import { afterEach, expect, it } from 'vitest'

import { runCommand } from '../support/command-line.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
afterEach(() => world.close())

it('judges site, title and department of open jobs as the mapping fills them', async () => {
  const mapping = {
    'work.site': { from: 'job.location', values: { Leeds: 'London (Demo)' }, otherwise: 'park' },
    'work.title': { from: 'job.title', otherwise: 'park' },
    'work.department': 'application.custom["Team"]',
  }
  world = await openWorld({ service: false, hibob: { site: undefined }, connection: { mapping } })
  world.sandbox.pinpoint.addJob({ id: '1', location: 'Leeds' })
  world.sandbox.pinpoint.addJob({ id: '2', location: 'Bergen', department: 'Bakery' })
  world.sandbox.pinpoint.addJob({ id: '3', location: 'Leeds', title: 'Baker' })
  const { code, out } = await runCommand(['connections', 'check', 'acme', 'hibob', '--open-jobs'], world.env)
  expect(code).toBe(2)
  expect(out).toContain('a hire would go through on 1, and PARK on 2.')
  expect(out).toContain(
    'PARK  Site: The values of the mapping do not have the value "Bergen" of job.location.',
  )
  expect(out).toContain('PARK  Title: The title "Baker" must not be left out, as the mapping says')
  expect(out).toContain('from what only a hire has: department.')
  expect(out).not.toContain('Bakery')
})
