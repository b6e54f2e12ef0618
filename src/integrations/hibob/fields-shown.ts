/** HiBob leaves fields out without saying so, with 200; a person who is there shows which. */
import type { CheckItem } from '../../sdk/index.ts'
import { hiddenOf, toGrant } from './whose-record.ts'
import type { Employee } from './wire.ts'

export const fieldsOfEmployees = 'Fields of employees'

/** Every employee has all of them. Without them nobody is recognised: their hires park instead. */
export function fieldsShown(employee: Employee): CheckItem {
  const what = fieldsOfEmployees
  const hidden = hiddenOf(employee)
  if (hidden.length === 0) {
    return { ok: true, what, because: 'HiBob shows e-mail, first name, status and lifecycle of employees.' }
  }
  const because =
    `HiBob leaves out ${hidden.join(', ')} of employee ${employee.id} without saying so, so hires who are in HiBob already ` +
    `cannot be told from other people or from leavers, and park. Grant the service user ${toGrant(hidden)}.`
  return { ok: false, what, because }
}
