/** A hire while something that HiBob answers is odd: what became of it, and that there is one employee at most. */
import { expect } from 'vitest'

import type { CompanySeed } from '../../sandbox/hibob/seed.ts'
import type { FaultRule, Sandbox } from '../../sandbox/index.ts'
import { Failure } from '../../src/base/failure.ts'
import { hireInBob } from '../contracts/open-clients.ts'
import { openSandbox } from '../sandbox/open.ts'

export type Effect = FaultRule['effect']
type Seed = Parameters<Sandbox['pinpoint']['addApplication']>[0]

interface Given {
  readonly company?: Omit<CompanySeed, 'name'>
  /** Operation → what becomes of its answers, always. */
  readonly answers?: Readonly<Record<string, Effect>>
  readonly mapping?: object | undefined
  readonly seed?: Seed
  readonly settings?: object
  readonly lastTry?: boolean
  /** Of a call's address: only these answers are odd. */
  readonly holding?: string
}

export async function oddHire({ company = {}, answers = {}, mapping, seed, holding, ...given }: Given) {
  const sandbox = await openSandbox()
  sandbox.hibob.configure('acme', company)
  sandbox.hibob.addEmployee({ email: 'grace@corp.example', firstName: 'Grace' })
  for (const [operation, effect] of Object.entries(answers))
    sandbox.faults.add({ system: 'hibob', operation, effect, times: 'always', holding })
  const { id } = sandbox.pinpoint.addApplication({
    ...{ firstName: 'Ada', lastName: 'Example', email: 'ada@example.com', cv: null },
    job: { title: 'Designer', department: 'Sales', location: 'London (Demo)' },
    ...seed,
  })
  const warned: string[] = []
  const onWarning = (code: string, message: string) => void warned.push(`${code} ${message}`)
  const error: unknown = await hireInBob(sandbox, id, { onWarning, mapping, ...given }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  const [employee, ...twins] = sandbox.hibob.employees().filter(({ seeded }) => !seeded)
  expect(twins).toEqual([])
  const failure = error instanceof Failure ? error : undefined
  return {
    ...{ sandbox, employee, warned, error, failure },
    creates: sandbox.calls.count('hibob', 'people.create'),
    told: JSON.stringify([warned, failure?.reason, failure?.details]),
  }
}

export const whole = {
  ...{ id: '3397352260643062621', email: 'ada@example.com', firstName: 'Ada', surname: 'Example' },
  work: { site: 'London (Demo)', startDate: '2027-01-04', title: 'Designer', department: 'Sales' },
  home: { privateEmail: 'ada@example.com' },
}
export const custom = (name: string) => `application.custom[${JSON.stringify(name)}]`
export const own = (number: number, given: object = {}) => ({
  ...{ id: `work.custom.field_${number}`, name: `Field ${number}`, ...given },
})
