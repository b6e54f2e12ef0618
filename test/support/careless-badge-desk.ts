/** The example's integration by somebody who did not look before making: the crash kit must find it out. */
import { badgeDesk } from '../../examples/badge-desk/index.ts'
import type { Integration } from '../../src/sdk/integration.ts'

const careful = badgeDesk.on.application_hired

const careless: Integration = {
  ...badgeDesk,
  on: {
    async application_hired(context) {
      if (careful === undefined) throw new Error('the example handles no hire')
      return careful({
        ...context,
        ensure: (effect) => context.ensure({ ...effect, find: async () => undefined }),
      })
    },
  },
}

export const integrations = [careless]
