/** The employee who is already in HiBob with this e-mail, if a machine may take them for the hire. */
import { type Made, NeedsPerson } from '../../sdk/index.ts'
import type { Bob } from './client.ts'
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

/** The lifecycle decides where it is clear: whether a hire who has not started yet counts as active is not documented. */
function hasLeft({ status, lifecycle }: Employee): boolean {
  if (lifecycle === 'hired' || lifecycle === 'employed') return false
  return lifecycle === 'terminated' || status === 'inactive'
}
