/** The operator of the service, for APIs that ask integrators to name themselves. */
import { z } from 'zod'

import { variableMeta } from './variable.ts'

export const vendorVariable = {
  VENDOR_NAME: z
    .string()
    .regex(/^[\w.-][\w .-]{0,59}$/, 'must be letters, digits, dots, dashes, underscores or spaces')
    .optional()
    .register(variableMeta, {
      description:
        'The company that runs this service for other companies. Pinpoint and HiBob ask vendors to name themselves: it is sent to both as ' +
        '`x-vendor-name`. Leave it out if a company runs the service for itself.',
      accepts: 'letters, digits, space, `.`, `-`, `_`',
      unset: 'nothing is sent',
    }),
}
