/** Whose each record, file and comment is: what was made of one person, or for one, and hangs on somebody else's record. */
import type { StoredDocument } from './hibob/document-store.ts'
import type { Employee } from './hibob/employee-store.ts'
import type { Comment } from './pinpoint/comment-store.ts'
import type { Owner, People } from './pinpoint/people.ts'

/** Ids. All empty: nobody was taken for somebody else. */
export interface WrongPerson {
  /** Made through the API, and no applicant has, or had, this e-mail and this first name. */
  readonly employees: readonly string[]
  /** Whose bytes, or where they are nobody's whose name, are another person's than the employee's. */
  readonly documents: readonly string[]
  /** They name the record of another person than the applicant, or one of another company. */
  readonly comments: readonly string[]
}

export interface Made {
  readonly employees: readonly Employee[]
  readonly documents: readonly StoredDocument[]
  readonly comments: readonly Comment[]
}

/** A tenant of Pinpoint and the company of the same name in HiBob are taken for one. */
export function wrongPerson(people: People, { employees, documents, comments }: Made): WrongPerson {
  const byId = new Map(employees.map((employee) => [employee.id, employee]))
  const isWrong = (owner: Owner, employee: Employee | undefined): boolean => {
    const person = people.person(owner)
    if (person === undefined || employee === undefined) return false
    return employee.company !== owner.tenant || personIn(people, employee) !== person
  }
  return {
    employees: idsOf(
      employees,
      ({ seeded, company, person }) => !seeded && people.knownAs(company, person) === undefined,
    ),
    documents: idsOf(documents, (document) => {
      const owners = ownersOf(people, document)
      const employee = byId.get(document.employeeId)
      return owners.length > 0 && owners.every((owner) => isWrong(owner, employee))
    }),
    comments: idsOf(
      comments,
      ({ seeded, tenant, applicationId: id, bodyText }) =>
        !seeded && recordsNamed(bodyText).some((record) => isWrong({ tenant, id }, byId.get(record))),
    ),
  }
}

/** Who an employee is, by what is known of those who have applied. */
export function personIn(people: People, { company, person }: Employee): string {
  return people.knownAs(company, person) ?? person
}

/** One sentence for each. */
export function wrongPersonTold({ employees, documents, comments }: WrongPerson): readonly string[] {
  return [
    ...employees.map((id) => `wrong person: employee ${id} is nobody who has applied`),
    ...documents.map((id) => `wrong person: document ${id} is in somebody else's file`),
    ...comments.map((id) => `wrong person: comment ${id} names somebody else's record`),
  ]
}

/** Of bytes that no application has given: cut off, or made by a test. */
function ownersOf(people: People, { sha256, company, name }: StoredDocument): readonly Owner[] {
  const owners = people.ownersOf(sha256)
  if (owners.length > 0) return owners
  return [...name.matchAll(/\(Pinpoint (\d+)\)/g)].map(([, id = '']) => ({ tenant: company, id }))
}

function recordsNamed(comment: string): readonly string[] {
  return [...comment.matchAll(/\bID: ([\w-]+)/g)].map(([, id = '']) => id)
}

function idsOf<Thing extends { readonly id: string }>(
  things: readonly Thing[],
  isWrong: (thing: Thing) => boolean,
): readonly string[] {
  return things.filter(isWrong).map(({ id }) => id)
}
