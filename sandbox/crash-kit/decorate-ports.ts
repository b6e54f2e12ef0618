/**
 * Every port of a service, wrapped so that `reach` hears of each call before and after. A new method of a port does not
 * compile here until it has its crash points.
 */
import type pg from 'pg'

import type { DecoratePort, Ports } from '../../src/app/decorate-ports.ts'
import type { HttpRequest } from '../../src/base/http.ts'
import type { EffectId } from '../../src/base/ids.ts'
import type { Boundary } from './crash-point.ts'
import { decorateDatabase } from './decorate-database.ts'
import { passBy, type Reach } from './reach.ts'
import { letHourCome, letProcessBeGone, tenantsAwaiting } from './sweeps.ts'
import { createOwners, type Owners } from './whose.ts'

type Wrappers = { readonly [Name in keyof Ports]: (port: Ports[Name]) => Ports[Name] }

interface Tools {
  readonly sweepsAs: string | undefined
  readonly paused: () => boolean
  readonly whose: Owners
  /** Unwrapped. */
  readonly pool: () => pg.Pool
  readonly pass: <T>(boundary: Boundary, of: Of, call: () => Promise<T>) => Promise<T>
}

interface Of {
  readonly step?: string
  readonly accounts: readonly string[]
}

export interface DecorateOptions {
  /** Is told of each connection to the database by its process in the server. */
  readonly opened?: (pid: number) => void
  /** While true, the worker fetches nothing and its heartbeat rests. */
  readonly paused?: () => boolean
  /** Unset: this process's own. Set: it takes sweeps as a process of that name, which knows of no other one of this machine. */
  readonly sweepsAs?: string
}

export function decoratePorts(
  reach: Reach,
  { opened = () => {}, paused = () => false, sweepsAs }: DecorateOptions = {},
): DecoratePort {
  let pool: pg.Pool | undefined
  const tools: Tools = {
    sweepsAs,
    paused,
    pool() {
      if (pool === undefined) throw new Error('the database comes first')
      return pool
    },
    whose: createOwners(),
    pass: (boundary, { step = '', accounts }, call) => passBy(reach, { boundary, step, accounts }, call),
  }
  const wrappers: Wrappers = {
    database(database) {
      pool = database.pool
      return decorateDatabase(database, { reach, opened })
    },
    ...decorateIntake(tools),
    ...decorateSweeps(tools),
    ...decorateWork(tools),
    ...decorateRecords(tools),
    ...decorateOutside(tools),
  }
  return (name, port) => wrappers[name](port)
}

function decorateIntake({ whose, pass }: Tools): Pick<Wrappers, 'events' | 'inbox'> {
  return {
    events: (events) => ({
      record: ({ tenant, ...delivery }) =>
        whose.recording(tenant.slug, () =>
          pass('events.record', { accounts: [tenant.slug] }, () => events.record({ tenant, ...delivery })),
        ),
    }),
    inbox: (inbox) => ({
      dispatch: () =>
        whose.beginning(() => {
          const accounts = [...whose.unbegun()]
          return pass('inbox.dispatch', { accounts }, async () => {
            const begun = await inbox.dispatch()
            accounts.splice(0, accounts.length, ...(await whose.begun(begun.events)))
            return begun
          })
        }),
    }),
  }
}

/** What a look for sweeps is about comes to pass within it: so none is found before the kit knows of it. */
function decorateSweeps({
  whose,
  pass,
  pool,
  sweepsAs,
}: Tools): Pick<Wrappers, 'dueSweeps' | 'sweeps' | 'performSweep'> {
  return {
    performSweep: (perform) => (sweep, stopping) => whose.working(sweep, () => perform(sweep, stopping)),
    dueSweeps: (port) => ({
      async queueDue(handling) {
        const accounts = await tenantsAwaiting(pool(), 'hour')
        await pass('sweeps.queueDue', { accounts }, async () => {
          await letHourCome(pool(), accounts)
          await port.queueDue(handling)
        })
      },
      async freeFromDead(isGone) {
        const accounts = await tenantsAwaiting(pool(), 'release')
        return pass('sweeps.freeFromDead', { accounts }, async () => {
          await letProcessBeGone(pool(), accounts)
          return port.freeFromDead(sweepsAs === undefined ? isGone : (name) => name === sweepsAs)
        })
      },
    }),
    sweeps: (store) => ({
      look: (request, hires, handling) => store.look(request, hires, handling),
      async claim(worker, id) {
        const accounts = await tenantsAwaiting(pool(), 'claim')
        return pass('sweeps.claim', { accounts }, async () => {
          const sweep = await store.claim(sweepsAs ?? worker, id)
          accounts.splice(0, accounts.length, ...(sweep === undefined ? [] : [sweep.tenant.slug]))
          return sweep
        })
      },
      record: (sweep, page, handling) =>
        pass('sweeps.record', { accounts: [sweep.tenant.slug] }, () => store.record(sweep, page, handling)),
      end: (sweep, end) =>
        pass('sweeps.end', { step: end.state, accounts: [sweep.tenant.slug] }, () => store.end(sweep, end)),
    }),
  }
}

function decorateWork({
  whose,
  pass,
  paused,
}: Tools): Pick<Wrappers, 'queue' | 'runs' | 'takeOver' | 'perform'> {
  return {
    takeOver: (port) => ({ takeOver: () => pass('runs.takeOver', { accounts: [] }, () => port.takeOver()) }),
    perform: (perform) => (run) => whose.working(run, () => perform(run)),
    queue: (queue) => ({
      // Which hires a fetch gives is known afterwards only; before it, it is about those that nobody has fetched yet.
      async fetch(count, choice) {
        if (paused()) return []
        const accounts = [...whose.unfetched()]
        return pass('queue.fetch', { accounts }, async () => {
          const jobs = await queue.fetch(count, choice)
          accounts.splice(0, accounts.length, ...(await whose.jobs(jobs)))
          whose.fetched(accounts)
          return jobs
        })
      },
      async touch(jobs) {
        if (paused()) return
        await pass('queue.touch', { accounts: await whose.jobs(jobs) }, () => queue.touch(jobs))
      },
      drop: async (job) => pass('queue.drop', { accounts: await whose.jobs([job]) }, () => queue.drop(job)),
      handBack: async (jobs) =>
        pass('queue.handBack', { accounts: await whose.jobs(jobs) }, () => queue.handBack(jobs)),
    }),
    runs: (runs) => ({
      claim: async (job, worker) =>
        pass('runs.claim', { accounts: await whose.jobs([job]) }, async () => {
          const run = await runs.claim(job, worker)
          if (run !== undefined) whose.claimed(run)
          return run
        }),
      settle: async (lease, job, settlement) =>
        pass('runs.settle', { step: settlement.state, accounts: await whose.jobs([job]) }, () =>
          runs.settle(lease, job, settlement),
        ),
      alone: (lease) => runs.alone(lease),
      letGo: (jobs) => runs.letGo(jobs),
    }),
  }
}

/** What is called while a run is performed is about that run. */
function decorateRecords({ whose, pass }: Tools): Pick<Wrappers, 'journal' | 'ledger' | 'limits'> {
  const titles = new Map<EffectId, string>()
  const of = (step: string) => ({ step, accounts: whose.current() })
  const ofEffect = (id: EffectId) => of(titles.get(id) ?? '')
  return {
    journal: (journal) => ({
      write: (lease, step) => pass('journal.write', of(step.title), () => journal.write(lease, step)),
    }),
    ledger: (ledger) => ({
      hold: (lease, effect) =>
        pass('ledger.hold', of(effect.title), async () => {
          const row = await ledger.hold(lease, effect)
          if ('id' in row) titles.set(row.id, effect.title)
          return row
        }),
      attempt: (lease, id) => pass('ledger.attempt', ofEffect(id), () => ledger.attempt(lease, id)),
      notMade: (lease, id) => pass('ledger.notMade', ofEffect(id), () => ledger.notMade(lease, id)),
      // Says why for people, and nothing depends on it: whoever dies here has died after the call.
      unclear: (lease, id, why) => ledger.unclear(lease, id, why),
      exists: (lease, id) => pass('ledger.exists', ofEffect(id), () => ledger.exists(lease, id)),
      done: (lease, id, ensured) => pass('ledger.done', ofEffect(id), () => ledger.done(lease, id, ensured)),
      free: (lease, id) => pass('ledger.free', ofEffect(id), () => ledger.free(lease, id)),
    }),
    limits: (limits) => ({
      swap: (key, change) => pass('limits.swap', of(key.bucket), () => limits.swap(key, change)),
    }),
  }
}

function decorateOutside({ whose, pass }: Tools): Pick<Wrappers, 'outbound'> {
  const of = (step: string) => ({ step, accounts: whose.current() })
  return {
    outbound: (outbound) => ({
      ...outbound,
      download: (url, options) => pass('download', of('CV'), () => outbound.download(url, options)),
      openHttp: (limits, options) => {
        const open = outbound.openHttp(limits, options)
        return (client) => {
          const http = open(client)
          return {
            send: (request) =>
              pass('http.send', of(nameOf(client.destination, request)), () => http.send(request)),
          }
        }
      },
    }),
  }
}

/** `hibob POST /people/:id`: a part that holds a digit is an id. */
function nameOf(destination: string, { method, path }: HttpRequest): string {
  const parts = path.split('/').map((part) => (/\d/.test(part) ? ':id' : part))
  return [destination, method, parts.join('/')].filter((part) => part !== '').join(' ')
}
