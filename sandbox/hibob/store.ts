/** The state of the imitated HiBob: companies, employees, documents. E-mails are compared without regard to case. */
import type { Clock } from '../../src/base/clock.ts'
import type { JsonObject } from '../../src/base/json.ts'
import { openDocumentStore } from './document-store.ts'
import { type Company, type CompanySeed, companySeed, type EmployeeSeed, employeeSeed } from './seed.ts'

export interface Employee {
  /** 19 digits, above 2^53: a client that parses it as a number damages it. */
  readonly id: string
  readonly company: string
  readonly firstName: string
  readonly surname: string
  readonly email: string
  readonly site: string
  readonly startDate: string
  readonly title: string | null
  readonly department: string | null
  readonly status: 'Active' | 'Inactive'
  readonly outOfScope: boolean
  /** Put there by a test, not by a call of the API. */
  readonly seeded: boolean
  readonly createdAt: Date
  /** Other fields given at creation, by category, as they came. */
  readonly extra: JsonObject
}

export type NewEmployee = Omit<Employee, 'id' | 'createdAt'>

export type HibobStore = ReturnType<typeof openHibobStore>

export function openHibobStore(clock: Clock) {
  const companies = new Map<string, Company>()
  const employees = new Map<string, Employee>()
  const byEmail = new Map<string, Employee[]>()
  const documents = openDocumentStore(clock)
  let sequence = 0

  const emailKey = (company: string, email: string) => `${company}/${email.toLowerCase()}`
  const addCompany = (seed: CompanySeed): Company => {
    const company = companySeed.parse(seed)
    companies.set(company.name, company)
    return company
  }
  const hold = (employee: Employee): Employee => {
    employees.set(employee.id, employee)
    const key = emailKey(employee.company, employee.email)
    byEmail.set(key, [...(byEmail.get(key) ?? []), employee])
    return employee
  }
  const keep = (given: NewEmployee): Employee => {
    const id = String(3397352260643062621n + BigInt(sequence++) * 7919n)
    return hold({ ...given, id, createdAt: clock.now() })
  }
  const replace = (employee: Employee) => {
    employees.set(employee.id, employee)
    const key = emailKey(employee.company, employee.email)
    byEmail.set(
      key,
      (byEmail.get(key) ?? []).map((one) => (one.id === employee.id ? employee : one)),
    )
  }
  addCompany({ name: 'acme' })

  return {
    /** Sets a company up, or replaces its settings; its employees stay. */
    addCompany,
    company: (name: string) => companies.get(name),
    companies: (): readonly Company[] => [...companies.values()],
    /** Changes settings of a company, such as `denied` or `readLagMs`. */
    configure(name: string, settings: Partial<Omit<CompanySeed, 'name'>>): Company {
      return addCompany({ ...companies.get(name), ...settings, name })
    },
    /** Seeds an employee who was there before. Uniqueness of the e-mail is not checked: two of one are possible. */
    addEmployee(seed: EmployeeSeed): Employee {
      return keep({ ...employeeSeed.parse(seed), seeded: true, extra: {} })
    },
    /** What a creation through the API does once it is found valid. */
    create: keep,
    /** Makes an employee a leaver, or an active one again. */
    setStatus(id: string, status: Employee['status']): void {
      const employee = employees.get(id)
      if (employee) replace({ ...employee, status })
    },
    /** As when a person corrects it in HiBob. */
    setEmail(id: string, email: string): void {
      const employee = employees.get(id)
      if (!employee) return
      const key = emailKey(employee.company, employee.email)
      byEmail.set(
        key,
        (byEmail.get(key) ?? []).filter((one) => one.id !== id),
      )
      hold({ ...employee, email })
    },
    employee: (id: string) => employees.get(id),
    employees: (company?: string): readonly Employee[] =>
      [...employees.values()].filter((employee) => company === undefined || employee.company === company),
    withEmail: (company: string, email: string): readonly Employee[] =>
      byEmail.get(emailKey(company, email)) ?? [],
    addDocument: documents.add,
    documents: documents.list,
    reset() {
      for (const held of [companies, employees, byEmail, documents]) held.clear()
      addCompany({ name: 'acme' })
    },
  }
}
