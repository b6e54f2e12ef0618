/** HiBob's integration by somebody who goes by less than whose record it is: the oracle must find each of them out. */
import { openBob } from '../../src/integrations/hibob/client.ts'
import { hibob } from '../../src/integrations/hibob/index.ts'
import { secrets, settings } from '../../src/integrations/hibob/settings.ts'
import type { Employee } from '../../src/integrations/hibob/wire.ts'
import type { Effect } from '../../src/sdk/ensure.ts'
import type { Integration } from '../../src/sdk/integration.ts'

type Context = Parameters<NonNullable<Integration['on']['application_hired']>>[0]

/** With another effect in place of the one that makes the employee. */
function goingBy(change: (effect: Effect, context: Context) => Effect): readonly Integration[] {
  const careful = hibob.on.application_hired
  if (careful === undefined) throw new Error('HiBob handles no hire')
  const careless: Integration = {
    ...hibob,
    on: {
      application_hired: (context) =>
        careful({
          ...context,
          ensure: (effect) => context.ensure(effect.kind === 'employee' ? change(effect, context) : effect),
        }),
    },
  }
  return [careless]
}

/** Whoever has the e-mail and whom `isTheirs` takes for the hire. */
function findBy(isTheirs: (employee: Employee, hire: Context['event']['data']) => boolean) {
  return goingBy((effect, { event, openHttp, ...given }) => ({
    ...effect,
    async find() {
      const bob = openBob(openHttp, settings.parse(given.settings), secrets.parse(given.secrets))
      const people = await bob.peopleWithEmail(event.data.email ?? '')
      return people.find((employee) => isTheirs(employee, event.data))
    },
  }))
}

export const goesByEmailAlone = findBy(({ status }) => status === 'active')
export const goesBySurname = findBy(
  ({ status, surname }, { lastName }) => status === 'active' && surname === lastName,
)
export const takesLeavers = findBy(({ firstName }, hire) => firstName === hire.firstName)
export const takesTheLedgersWord = goingBy((effect) => ({ ...effect, findById: async (id) => ({ id }) }))
/** Each application has a row of its own in the ledger: what another one has made is found by its e-mail, or not. */
export const forgetsOtherApplications = goingBy((effect, { event }) => ({
  ...effect,
  key: `${effect.key} ${event.data.id}`,
}))
export const overlooksInternal = goingBy(({ mayMake: _mayMake, ...effect }) => effect)
