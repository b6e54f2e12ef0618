/** Who runs the service, for the APIs that ask integrators for their name. */
import { z } from 'zod'

import { variableMeta } from './variable.ts'

export const vendorVariable = {
  VENDOR_NAME: z
    .string()
    .regex(/^[\w.-][\w .-]{0,59}$/, 'must be letters, digits, dots, dashes, underscores or spaces')
    .optional()
    .register(variableMeta, {
      description:
        'Who runs this service for other companies. Pinpoint and HiBob ask vendors to name themselves: sent to both as ' +
        '`x-vendor-name`. Leave it out where a company runs it for itself.',
      accepts: 'letters, digits, space, `.`, `-`, `_`',
      unset: 'nothing is sent',
    }),
}
