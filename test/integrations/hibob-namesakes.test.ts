/**
 * A hire and its namesake never end on one record, whatever the mapping makes their logins of: the real table, mapping and `ensure`,
 * against a HiBob that takes each login once, shows personal e-mails or does not, and may lose its answers.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type Clock, secondsAfter } from '../../src/base/clock.ts'
import { Failure, NeedsPerson, RetryLater } from '../../src/base/failure.ts'
import type { ConnectionId, RunId } from '../../src/base/ids.ts'
import { ensureEffect } from '../../src/effects/ensure.ts'
import type { Bob } from '../../src/integrations/hibob/client.ts'
import { employeeMaker } from '../../src/integrations/hibob/create-employee.ts'
import { assertMayMake, findEmployee, findEmployeeById } from '../../src/integrations/hibob/employee.ts'
import { sameEmail } from '../../src/integrations/hibob/folded.ts'
import { hibob } from '../../src/integrations/hibob/index.ts'
import { mappedHire } from '../../src/integrations/hibob/mapped-hire.ts'
import { settings } from '../../src/integrations/hibob/settings.ts'
import type { Employee } from '../../src/integrations/hibob/wire.ts'
import { alreadyExists, type HiredApplication } from '../../src/sdk/index.ts'
import { openMapping } from '../../src/worker/open-mapping.ts'
import { createMemoryLedger } from '../support/memory/ledger.ts'
import { hireOf } from './a-hire.ts'

interface Person {
  readonly firstName: string
  readonly lastName: string
  readonly work: string | undefined
}
/** What the service user sees and edits of personal e-mails. */
type Rights = 'all' | 'may not edit' | 'may not view'
type Fate = 'answered' | 'answer lost' | 'never arrives' | 'a namesake is quicker'

const logins: Readonly<Record<string, unknown>> = {
  'as today': 'candidate.email',
  'full name': {
    template: '{candidate.firstName|ascii|lower}.{candidate.lastName|slug}@acme.example',
  },
  initial: { template: '{candidate.firstName|ascii|lower|initial}{candidate.lastName|slug}@acme.example' },
  'the company’s own for all': { constant: 'people@acme.example' },
  'an attribute, else a template': {
    from: 'application.custom["Work e-mail"]',
    otherwise: { template: '{candidate.firstName|ascii|lower}@acme.example' },
  },
}

type Held = Employee & { readonly person: string }

function fakeBob(rights: Rights) {
  const records: Held[] = []
  const hold = (person: string, given: Pick<Held, 'email' | 'firstName' | 'surname' | 'privateEmail'>) => {
    const displayName = `${given.firstName} ${given.surname}`
    const here = { id: String(records.length + 1), displayName, status: 'active', lifecycle: 'employed' }
    records.push({ ...given, ...here, startDate: undefined, person })
    return records.at(-1)!
  }
  const shown = ({ person: _, privateEmail, ...record }: Held, asks: boolean): Employee => ({
    ...record,
    privateEmail: asks && rights !== 'may not view' ? privateEmail : undefined,
  })
  const isTaken = (login: string) => records.some(({ email }) => sameEmail(email ?? '', login))
  const of = (
    person: string,
    fate: () => Fate,
  ): Pick<Bob, 'peopleWithEmail' | 'employee' | 'createEmployee'> => ({
    peopleWithEmail: async (email, login) =>
      records
        .filter((one) =>
          [email, login].some((value) => value !== undefined && sameEmail(one.email ?? '', value)),
        )
        .map((one) => shown(one, login !== undefined)),
    employee: async (id) => records.filter((one) => one.id === id).map((one) => shown(one, false))[0],
    async createEmployee({ email, firstName, surname, privateEmail }) {
      const goes = fate()
      const lost = new RetryLater('x.lost', 'No answer.', { outcome: 'unclear' })
      if (goes === 'never arrives') throw lost
      const given = { email, firstName, surname }
      // With the address that the hire gave it would be the hire, as far as anybody can tell.
      if (goes === 'a namesake is quicker' && email !== privateEmail && !isTaken(email)) {
        hold('quick', { ...given, privateEmail: 'quick@example.com' })
      }
      if (isTaken(email)) return alreadyExists
      const kept = rights === 'may not edit' ? undefined : privateEmail
      const { id } = hold(person, { ...given, privateEmail: kept })
      if (goes === 'answer lost') throw lost
      return { id, shown: {} }
    },
  })
  return { records, hold, of }
}

const name = fc.record({
  firstName: fc.constantFrom('Jane', 'JANE', 'Zoë', 'Jo'),
  lastName: fc.constantFrom('Doe', 'van der Berg'),
  work: fc.constantFrom(undefined, undefined, 'jane@acme.example'),
})
const world = fc.record({
  login: fc.constantFrom(...Object.keys(logins)),
  rights: fc.constantFrom<Rights>('all', 'may not edit', 'may not view'),
  /** In HiBob already, each with the login that the mapping would have given them, and with or without a personal e-mail. */
  before: fc.array(fc.tuple(name, fc.boolean()), { maxLength: 2 }),
  hires: fc.array(name, { minLength: 1, maxLength: 4 }),
  /** Which hire makes an attempt next, and how a call of it that makes something goes. */
  attempts: fc.array(
    fc.tuple(
      fc.nat(3),
      fc.constantFrom<Fate>('answered', 'answer lost', 'never arrives', 'a namesake is quicker'),
      // A run of it again, as of a replay.
      fc.boolean(),
    ),
    { minLength: 4, maxLength: 14 },
  ),
})

function application(person: string, { firstName, lastName, work }: Person): HiredApplication {
  return hireOf({
    ...{ id: person, firstName, lastName, email: `${person}@example.com` },
    customAttributes: work === undefined ? {} : { 'Work e-mail': work },
  })
}

function wanted(hire: HiredApplication, login: string) {
  const apply = openMapping(
    hibob,
    { written: { 'root.email': logins[login] } as never, version: 1 },
    settings.parse({ site: 'HQ' }),
  )!
  return mappedHire(hire, apply({ application: hire }, undefined))
}

describe('A hire and its namesakes', () => {
  it('never end on one record, and each has one at most', async () => {
    const reached = new Set<string>()
    await fc.assert(
      fc.asyncProperty(world, async ({ login, rights, before, hires, attempts }) => {
        let now = new Date('2026-03-02T08:00:00Z')
        const clock: Clock = { now: () => now, sleep: () => Promise.reject(new Error('nobody sleeps')) }
        const ended = new Set<string>()
        const ledger = createMemoryLedger(clock, {
          state: (run) => (ended.has(run) ? 'done' : 'waiting'),
          holds: () => true,
          subject: (run) => run.split(' ')[0],
        })
        const bob = fakeBob(rights)
        for (const [index, [person, personal]] of before.entries()) {
          const { hire } = wanted(application(`before${index}`, person), login)
          bob.hold(`before${index}`, {
            ...hire,
            privateEmail: personal ? `before${index}@example.com` : undefined,
          })
        }
        for (const [number, fate, again] of attempts) {
          const index = number % hires.length
          const person = `hire${index}`
          const { hire, candidate, ...rest } = wanted(application(person, hires[index]!), login)
          const own = bob.of(person, () => fate)
          const run = `${person} ${again ? 'again' : 'first'}` as RunId
          const effect = {
            ...{ title: 'Employee', kind: 'employee', key: candidate.email, readLagSeconds: 20 },
            find: () => findEmployee(own as Bob, candidate),
            findById: (id: string, named: 'on_record' | 'by_person') =>
              findEmployeeById(own as Bob, candidate, { id, named }),
            mayMake: () => assertMayMake(candidate),
            make: employeeMaker(
              { bob: own, step: (_title, work) => work(), onWarning: () => undefined },
              { hire, ...rest },
              {
                ...{ site: { id: undefined, name: 'HQ' }, title: undefined, department: undefined },
              },
            ),
          }
          const deps = { ledger, clock, lease: { run, token: '1' }, application: person }
          try {
            const { id, how } = await ensureEffect(
              deps,
              { connection: 'con_1' as ConnectionId, ...effect },
              effect,
            )
            ended.add(run)
            reached.add(how)
            expect(bob.records.find((record) => record.id === id)?.person).toBe(person)
          } catch (error) {
            if (!(error instanceof Failure)) throw error
            reached.add(error.code)
            if (error instanceof NeedsPerson) ended.add(run)
            expect(`${error.message} ${error instanceof NeedsPerson ? error.fix : ''}`).not.toMatch(
              /@|jane|doe/i,
            )
          }
          now = secondsAfter(now, 300)
        }
        for (let index = 0; index < hires.length; index++) {
          expect(bob.records.filter(({ person }) => person === `hire${index}`).length).toBeLessThanOrEqual(1)
        }
      }),
      { numRuns: 200 },
    )
    // It has been where it hurts.
    expect([...reached]).toEqual(expect.arrayContaining(['created', 'adopted', 'found', 'hibob.login_taken']))
  })
})
