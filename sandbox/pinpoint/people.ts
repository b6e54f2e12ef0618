/** Whose each application is, and whose each file that was given out: remembered for the oracle, whatever is changed or removed. */
import { createHash } from 'node:crypto'

import { personOf } from '../person.ts'
import type { Application } from './application.ts'

/** An application, by its tenant. */
export type Owner = Pick<Application, 'tenant' | 'id'>

export type People = ReturnType<typeof openPeople>

export function openPeople() {
  const persons = new Map<string, string>()
  const known = new Map<string, string>()
  const owners = new Map<string, readonly Owner[]>()
  const keyOf = ({ tenant, id }: Owner) => `${tenant}/${id}`
  return {
    keep(application: Application): void {
      persons.set(keyOf(application), application.person)
      known.set(`${application.tenant}/${personOf(application)}`, application.person)
    },
    /** Undefined: there has never been such an application. */
    person: (owner: Owner) => persons.get(keyOf(owner)),
    /** The person who has, or had, this e-mail and first name (as `personOf` says them) on an application. */
    knownAs: (tenant: string, name: string) => known.get(`${tenant}/${name}`),
    gave(bytes: Uint8Array, { tenant, id }: Owner): void {
      const digest = createHash('sha256').update(bytes).digest('hex')
      const before = owners.get(digest) ?? []
      if (!before.some((one) => one.tenant === tenant && one.id === id))
        owners.set(digest, [...before, { tenant, id }])
    },
    /** The applications whose CV these bytes were. */
    ownersOf: (digest: string): readonly Owner[] => owners.get(digest) ?? [],
    clear() {
      for (const held of [persons, known, owners]) held.clear()
    },
  }
}
