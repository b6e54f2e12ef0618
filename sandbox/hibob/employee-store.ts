/** The employees of all companies. E-mails are compared without regard to case, and two people may share one. */
import type { Clock } from '../../src/base/clock.ts'
import type { JsonObject } from '../../src/base/json.ts'

export interface Employee {
  /** 19 digits, above 2^53: a client that parses it as a number damages it. */
  readonly id: string
  readonly company: string
  readonly firstName: string
  readonly surname: string
  readonly email: string
  /** Who it is, for the oracle: as the record said when it was made, whatever it says by now. Shown nowhere. */
  readonly person: string
  readonly site: string
  readonly startDate: string
  readonly title: string | null
  readonly department: string | null
  readonly status: 'Active' | 'Inactive'
  /** Undefined: as the status says. */
  readonly lifecycle?: string | null | undefined
  readonly displayName?: string | undefined
  readonly outOfScope: boolean
  /** Put there by a test, not by a call of the API. */
  readonly seeded: boolean
  readonly createdAt: Date
  /** Other fields given at creation, by category, as they came. */
  readonly extra: JsonObject
}

type Changeable = 'firstName' | 'surname' | 'displayName' | 'email' | 'status' | 'lifecycle' | 'outOfScope'
type Changes = { readonly [Name in Changeable]?: Employee[Name] | undefined }

export type NewEmployee = Omit<Employee, 'id' | 'createdAt'>

export function openEmployeeStore(clock: Clock) {
  const employees = new Map<string, Employee>()
  const byEmail = new Map<string, readonly Employee[]>()
  let sequence = 0

  const keyOf = (company: string, email: string) => `${company}/${email.toLowerCase()}`
  const withEmail = (company: string, email: string) => byEmail.get(keyOf(company, email)) ?? []
  const hold = (employee: Employee): Employee => {
    const { company, email } = employee
    employees.set(employee.id, employee)
    byEmail.set(keyOf(company, email), [...withEmail(company, email), employee])
    return employee
  }
  /** Changed, at its place among those who share the e-mail, or at the end of those who have the new one. */
  const change = (id: string, changes: Changes): void => {
    const before = employees.get(id)
    if (!before) return
    const { company, email } = before
    // What is not named stays.
    const named = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
    const after: Employee = { ...before, ...named }
    const moved = keyOf(company, after.email) !== keyOf(company, email)
    const others = withEmail(company, email).flatMap((one) => (one.id !== id ? [one] : moved ? [] : [after]))
    byEmail.set(keyOf(company, email), others)
    if (moved) hold(after)
    else employees.set(id, after)
  }

  return {
    add(given: NewEmployee): Employee {
      const id = String(3397352260643062621n + BigInt(sequence++) * 7919n)
      return hold({ ...given, id, createdAt: clock.now() })
    },
    change,
    /** As when a person deletes a trial in HiBob: nobody is found by this id or e-mail any more. */
    remove(id: string): boolean {
      const gone = employees.get(id)
      if (!gone) return false
      const { company, email } = gone
      byEmail.set(
        keyOf(company, email),
        withEmail(company, email).filter((one) => one.id !== id),
      )
      return employees.delete(id)
    },
    withEmail,
    find: (id: string) => employees.get(id),
    list: (company?: string): readonly Employee[] =>
      [...employees.values()].filter((employee) => company === undefined || employee.company === company),
    clear() {
      employees.clear()
      byEmail.clear()
    },
  }
}
