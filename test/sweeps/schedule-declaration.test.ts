import { afterEach, describe, expect, it } from 'vitest'

import { durationText, parseDuration } from '../../src/base/duration.ts'
import { readDeclaration } from '../../src/tenants/declaration.ts'
import { sweepText } from '../../src/tenants/sweep-schedule.ts'
import { runCommand } from '../support/command-line.ts'
import { openWorld, type World } from '../support/world.ts'

const scheduleOf = (sweep: unknown) => {
  const tenant = { slug: 'a', pinpoint: { subdomain: 'a', apiKey: 'k', signingSecrets: ['s'] }, sweep }
  const text = JSON.stringify({ tenants: [tenant] })
  return readDeclaration(text, { integrations: [], variables: {} }).tenants[0]?.sweep
}

describe('The schedule of sweeps in the file', () => {
  it('is every six hours, looking back three days, unless it says otherwise', () => {
    const usual = { everySeconds: 6 * 3600, lookBackSeconds: 3 * 86_400 }
    expect(scheduleOf(undefined)).toEqual(usual)
    expect(scheduleOf({})).toEqual(usual)
    expect(scheduleOf({ every: '30m', lookBack: '1d' })).toEqual({
      everySeconds: 1800,
      lookBackSeconds: 86_400,
    })
    expect(scheduleOf('off')).toBe('off')
  })

  it.each([
    ['a duration without a unit', { every: '6' }, 'must be a duration such as 30m, 6h or 3d'],
    ['too often', { every: '1m' }, 'must be at least 15m'],
    ['too far back', { lookBack: '365d' }, 'must be at most 90d'],
    ['a gap between sweeps', { every: '2d', lookBack: '1d' }, 'must not be shorter than every'],
    ['an unknown key', { often: '6h' }, 'is not a known key'],
    ['another word', 'never', '"off"'],
  ])('is refused: %s', (_, given, problem) => {
    expect(() => scheduleOf(given)).toThrow(problem)
  })

  it('is told in the words it was written in', () => {
    for (const text of ['45s', '30m', '6h', '3d', '36h'])
      expect(durationText(parseDuration(text) ?? 0)).toBe(text)
    expect(['0h', '', '6', '1w', '-1d'].map(parseDuration)).toEqual(Array(5).fill(undefined))
    expect(sweepText({ everySeconds: 5400, lookBackSeconds: 86_400 })).toBe('every 90m, looking back 1d')
  })
})

describe('sweep and tenants show', () => {
  let world: World | undefined
  afterEach(() => world?.close())

  it.each([
    ['an unknown tenant', ['--tenant', 'nobody'], 1, 'tenants.unknown_tenant'],
    ['no tenant', [], 64, 'cli.usage'],
    ['a time that is none', ['--tenant', 'acme', '--since', 'yesterday'], 64, 'cli.not_a_time'],
    ['a time to come', ['--tenant', 'acme', '--since', '2999-01-01'], 64, 'cli.not_a_time'],
  ])('refuse %s', async (...[_, more, code, failure]) => {
    world = await openWorld({ service: false })
    const ran = await runCommand(['sweep', ...more, '--json'], world.env)
    expect(ran).toMatchObject({ code, json: { error: { code: failure } } })
  })

  it('say what is wrong without a connection, and with nothing to find', async () => {
    world = await openWorld({ service: false })
    expect(await runCommand(['sweep', '--tenant', 'acme'], world.env)).toMatchObject({
      code: 0,
      out: expect.stringContaining('Checked 0 hires: 0 had no webhook') as unknown,
    })
    await world.store.database.pool.query('update connections set enabled = false')
    expect(await runCommand(['sweep', '--tenant', 'acme', '--json'], world.env)).toMatchObject({
      code: 2,
      json: { error: { code: 'sweep.no_connection' } },
    })
  })

  it('show the schedule and the last sweep', async () => {
    world = await openWorld({ service: false })
    await runCommand(['sweep', '--tenant', 'acme'], world.env)
    const { out } = await runCommand(['tenants', 'show', 'acme'], world.env)
    expect(out).toContain('Sweep: every 6h, looking back 3d')
    expect(out).toMatch(/Last sweep: .+: done, 0 of 0 hires were missing/)
  })
})
