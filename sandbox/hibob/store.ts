/** The state of the imitated HiBob: companies, employees, their tables and documents. E-mails are compared without regard to case. */
import type { Clock } from '../../src/base/clock.ts'
import { firstNameIn, personOf } from '../person.ts'
import { openDocumentStore } from './document-store.ts'
import { type Employee, type NewEmployee, openEmployeeStore } from './employee-store.ts'
import {
  type Company,
  type CompanySeed,
  companySeed,
  type EmployeeChanges,
  employeeChanges,
  type EmployeeSeed,
  employeeSeed,
} from './seed.ts'
import { openTableStore } from './table-store.ts'

export type HibobStore = ReturnType<typeof openHibobStore>

export function openHibobStore(clock: Clock) {
  const companies = new Map<string, Company>()
  const employees = openEmployeeStore(clock)
  const documents = openDocumentStore(clock)
  const tables = openTableStore(clock)
  const addCompany = (seed: CompanySeed): Company => {
    const company = companySeed.parse(seed)
    companies.set(company.name, company)
    return company
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
      const given = employeeSeed.parse(seed)
      const { email, firstName = firstNameIn(email), person = personOf({ email, firstName }) } = given
      return employees.add({ ...given, firstName, person, seeded: true, extra: {} })
    },
    /** What a creation through the API does once it is found valid. */
    create: (given: NewEmployee) => employees.add(given),
    /** Makes an employee a leaver, or an active one again. */
    setStatus: (id: string, status: Employee['status']) => employees.change(id, { status }),
    /** As when a person corrects it in HiBob: what is named, and nothing else. */
    changeEmployee: (id: string, changes: EmployeeChanges) =>
      employees.change(id, employeeChanges.parse(changes)),
    removeEmployee: (id: string) => employees.remove(id),
    /** As when a person corrects it in HiBob. */
    setEmail: (id: string, email: string) => employees.change(id, { email }),
    employee: employees.find,
    employees: employees.list,
    withEmail: employees.withEmail,
    addDocument: documents.add,
    documents: documents.list,
    addRow: tables.add,
    /** Of the dated tables, without the rows that a create has made. */
    rows: tables.list,
    reset() {
      for (const held of [companies, employees, documents, tables]) held.clear()
      addCompany({ name: 'acme' })
    },
  }
}
