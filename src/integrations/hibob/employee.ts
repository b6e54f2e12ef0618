/** The employee who is already in HiBob, if a machine may take them for the hire. */
import { type Made, NeedsPerson } from '../../sdk/index.ts'
import type { Bob } from './client.ts'
import { type NewHire, sameText } from './new-hire.ts'
import type { Employee } from './wire.ts'

export async function findEmployee(bob: Bob, email: string): Promise<Made | undefined> {
  const people = await bob.peopleWithEmail(email)
  const [person] = people
  if (person === undefined) return undefined
  if (people.length > 1) {
    const ids = people.map(({ id }) => id)
    throw new NeedsPerson(
      'hibob.several_matches',
      `HiBob has several people with this e-mail: ${ids.join(', ')}.`,
      {
        details: { employees: ids },
        fix: 'Leave one of them with this e-mail in HiBob, then resume the run.',
        liftedBy: 'record',
      },
    )
  }
  if (hasLeft(person)) {
    throw new NeedsPerson(
      'hibob.former_employee',
      `Employee ${person.id} in HiBob has this e-mail and has left.`,
      {
        details: { employee: person.id },
        fix: 'A re-hire? Reactivate the person in HiBob, or change the old e-mail there; then resume the run.',
        liftedBy: 'person',
      },
    )
  }
  return { id: person.id }
}

/**
 * The one whom a comment on the application names: they have another e-mail by now, which is usual once a company has given
 * them its own. One part of the name must be the hire's, since a comment can be copied to another application.
 */
export async function findEmployeeById(
  bob: Bob,
  id: string,
  hire: Pick<NewHire, 'firstName' | 'surname'>,
): Promise<Made | undefined> {
  // Another destination's ids may look different; HiBob's are digits.
  if (!/^\d+$/.test(id)) return undefined
  const person = await bob.employeeWithName(id)
  if (person === undefined) return undefined
  if (hasLeft(person)) {
    throw new NeedsPerson(
      'hibob.former_employee',
      `Employee ${id} in HiBob, whom a comment on the application names, has left.`,
      {
        details: { employee: id },
        fix: 'A re-hire? Reactivate the person in HiBob, or add the hire there by hand; then resume the run.',
        liftedBy: 'person',
      },
    )
  }
  if (sameText(person.firstName ?? '', hire.firstName) || sameText(person.surname ?? '', hire.surname)) {
    return { id: person.id }
  }
  throw new NeedsPerson(
    'hibob.other_employee',
    `A comment on the application names employee ${id} in HiBob, who has neither the e-mail nor the name of the hire.`,
    {
      details: { employee: id },
      fix: 'If that is the hire, give the employee the e-mail of the application in HiBob; if not, add the hire there by hand. Then resume the run.',
      liftedBy: 'person',
    },
  )
}

/** The lifecycle decides where it is clear: whether a hire who has not started yet counts as active is not documented. */
function hasLeft({ status, lifecycle }: Employee): boolean {
  if (lifecycle === 'hired' || lifecycle === 'employed') return false
  return lifecycle === 'terminated' || status === 'inactive'
}
