/** What the stores of tenants, connections and declarations promise: all or nothing, one change at a time. */
import { afterEach, beforeEach, expect, it } from 'vitest'

import { newTenantId } from '../../../src/base/ids.ts'
import { done, hire, hiredAndClaimed, type OpenStores, parked, type Stores } from './harness.ts'

export function tenantsSuite(open: OpenStores): void {
  let stores: Stores
  beforeEach(async () => {
    stores = await open()
  })
  afterEach(() => stores.close())

  const globex = (apiKey = 'key of globex') => {
    const apiUrl = 'https://globex.example.com/api/v1'
    return {
      id: newTenantId(),
      slug: 'globex',
      apiUrl,
      apiKey,
      signingSecrets: ['one', 'two'],
      sweep: 'off' as const,
      timeZone: 'Europe/Berlin',
      keepFinishedFor: 'forever' as const,
      demoHires: true,
    }
  }

  it('a change that fails in the middle has changed nothing', async () => {
    const broken = stores.declarations.change(async (records) => {
      await records.writeTenant(globex())
      throw new Error('in the middle')
    })
    await expect(broken).rejects.toThrow('in the middle')
    expect(await stores.tenants.open('globex')).toBeUndefined()
  })

  it('two changes at once take turns', async () => {
    const apply = () =>
      stores.declarations.change(async (records) => {
        const before = await records.find('globex')
        if (before === undefined) await records.writeTenant(globex())
        return before === undefined
      })
    const outcomes = await Promise.all([apply(), apply(), apply()])
    expect(outcomes.filter((made) => made)).toHaveLength(1)
  })

  it('what was written is read back, secrets in clear', async () => {
    const tenant = globex()
    await stores.declarations.change((records) => records.writeTenant(tenant))
    expect(await stores.tenants.open('globex')).toMatchObject(tenant)
    const all = await stores.tenants.openAll()
    expect(all.map(({ slug }) => slug).sort()).toEqual(['acme', 'globex'])
    expect((await stores.tenants.list()).map(({ slug }) => slug)).toEqual(['acme', 'globex'])
    expect(JSON.stringify(await stores.tenants.list())).not.toContain('key of globex')
  })

  it('settings and secrets of a connection are replaced whole, and a run sees the new ones', async () => {
    const id = stores.connectionIds.hibob
    const settled = { enabled: true, delay: 0, commentWhenParked: false }
    const declared = { id, tenant: stores.tenant.id, integration: 'hibob', ...settled }
    await stores.declarations.change((records) =>
      records.writeConnection({ ...declared, settings: { site: 'London (Demo)' }, secrets: { token: 's' } }),
    )
    const { run } = await hiredAndClaimed(stores)
    expect(run.connection).toMatchObject({ settings: { site: 'London (Demo)' }, secrets: { token: 's' } })
    const opened = await stores.connections.open('acme', 'hibob')
    expect(opened).toMatchObject({ secrets: { token: 's' }, tenant: { slug: 'acme' } })
    expect(JSON.stringify(await stores.connections.list('acme'))).not.toContain('token')
  })

  it('the template of comments is replaced and removed, and a run is told the one now', async () => {
    const id = stores.connectionIds.hibob
    const settled = { enabled: true, delay: 0, commentWhenParked: false, settings: {}, secrets: {} }
    const declared = { id, tenant: stores.tenant.id, integration: 'hibob', ...settled }
    const write = (comment?: string) =>
      stores.declarations.change((records) => records.writeConnection({ ...declared, comment }))
    await write('{record}\nHi')
    const { run } = await hiredAndClaimed(stores)
    expect(run.connection.comment).toBe('{record}\nHi')
    const stored = await stores.declarations.change((records) => records.find('acme'))
    expect(stored?.connections.find((one) => one.id === id)?.comment).toBe('{record}\nHi')
    await write()
    const all = await stores.connections.list('acme')
    expect(all.find((one) => one.id === id)?.comment).toBeUndefined()
  })

  it('each change of a mapping is a version, and a run is told the newest', async () => {
    const id = stores.connectionIds.hibob
    const settled = { enabled: true, delay: 0, commentWhenParked: false, settings: {}, secrets: {} }
    const declared = { id, tenant: stores.tenant.id, integration: 'hibob', actor: 'ada', ...settled }
    const write = (mapping: Record<string, string> | undefined) =>
      stores.declarations.change((records) => records.writeConnection({ ...declared, mapping }))
    await write(undefined)
    expect(await stores.connections.mappings(id)).toEqual([])
    await write({ 'work.title': 'job.title' })
    await write({ 'work.title': 'job.title' })
    await write({ 'work.title': 'offer.jobTitle' })
    const { run } = await hiredAndClaimed(stores)
    const now = { written: { 'work.title': 'offer.jobTitle' }, version: 2 }
    expect(run.connection.mapping).toEqual(now)
    expect((await stores.connections.open('acme', 'hibob'))?.connection.mapping).toEqual(now)
    await write(undefined)
    const [connection] = await stores.connections.list('acme')
    expect(connection?.mapping).toBeUndefined()
    expect(await stores.connections.mappings(id)).toMatchObject([
      { version: 3, mapping: null, actor: 'ada' },
      { version: 2, mapping: { 'work.title': 'offer.jobTitle' } },
      { version: 1, mapping: { 'work.title': 'job.title' } },
    ])
  })

  it('a change that fails after its runs were resumed has resumed none', async () => {
    const { hibob } = stores.connectionIds
    const { run, job } = await hiredAndClaimed(stores)
    await stores.runs.settle(run.lease, job, { ...parked, pausesConnection: true })
    const broken = stores.declarations.change(async (records) => {
      expect(await records.resume([hibob])).toBe(1)
      throw new Error('the connection to the database is lost')
    })
    await expect(broken).rejects.toThrow('is lost')
    expect(await stores.resumeChanged()).toBe(0)
    const stillParked = { run: { state: 'parked' } }
    expect(await stores.runAdmin.showRun(run.lease.run)).toMatchObject(stillParked)
    expect((await stores.connections.list('acme')).find(({ id }) => id === hibob)?.paused).toBeDefined()
    expect(await stores.queue.fetch(5)).toEqual([])
  })

  it('a connection that is enabled takes its parked runs along', async () => {
    const { hibob } = stores.connectionIds
    const { run, job } = await hiredAndClaimed(stores)
    await stores.runs.settle(run.lease, job, parked)
    expect(await stores.connections.setEnabled(hibob, false)).toEqual({ changed: true, resumed: 0 })
    expect(await stores.resumeChanged()).toBe(0)
    expect(await stores.connections.setEnabled(hibob, true)).toEqual({ changed: true, resumed: 1 })
    expect(await stores.resumeChanged()).toBe(1)
    expect(await stores.runAdmin.showRun(run.lease.run)).toMatchObject({ run: { state: 'queued' } })
    expect(await stores.queue.fetch(5)).toHaveLength(1)
  })

  it('a run that parks after its connection was paused by another one goes on when the pause is lifted', async () => {
    const { hibob } = stores.connectionIds
    const first = await hiredAndClaimed(stores, '1')
    const second = await hiredAndClaimed(stores, '2')
    await stores.runs.settle(first.run.lease, first.job, { ...parked, pausesConnection: true })
    await stores.runs.settle(second.run.lease, second.job, parked)
    expect(await stores.resumeChanged()).toBe(0)
    await stores.connections.setEnabled(hibob, true)
    expect(await stores.resumeChanged()).toBe(2)
    expect(await stores.queue.fetch(5)).toHaveLength(2)
  })

  it('a change of what no run is parked for resumes none', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    await stores.runs.settle(run.lease, job, parked)
    const id = stores.connectionIds.hibob
    const declared = { id, tenant: stores.tenant.id, integration: 'hibob', enabled: true }
    await stores.declarations.change((records) =>
      records.writeConnection({ ...declared, delay: 60, commentWhenParked: true, settings: {}, secrets: {} }),
    )
    expect(await stores.resumeChanged()).toBe(0)
  })

  it('a pause is lifted by enabling the connection, or by a change', async () => {
    const { hibob } = stores.connectionIds
    const pauseIt = async (application: string) => {
      const { run, job } = await hiredAndClaimed(stores, application)
      await stores.runs.settle(run.lease, job, { ...parked, resumesOn: 'person', pausesConnection: true })
    }
    await pauseIt('1')
    expect(await stores.connections.setEnabled(hibob, true)).toMatchObject({ changed: true })
    expect(await stores.connections.setEnabled(hibob, true)).toEqual({ changed: false, resumed: 0 })
    await pauseIt('2')
    await stores.declarations.change((records) => records.resume([hibob]))
    const { run } = await hiredAndClaimed(stores, '3')
    expect(run.connection.paused).toBeUndefined()
  })

  it('a connection that is off starts no run; one that is under way learns of it', async () => {
    const { run, job } = await hiredAndClaimed(stores)
    await stores.runs.settle(run.lease, job, done)
    await stores.connections.setEnabled(stores.connectionIds.hibob, false)
    expect(await hire(stores, '2', { asked: 'hibob' })).toMatchObject({ runs: 0 })
    const [connection] = await stores.connections.list('acme')
    expect(connection).toMatchObject({ integration: 'hibob', enabled: false })
  })
}
