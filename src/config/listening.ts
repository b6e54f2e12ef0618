/** The addresses on which the service listens: the public one, and the operators' one. */
import { z } from 'zod'

import { variableMeta, wholeNumber } from './variable.ts'

export const listeningVariables = {
  HOST: z.string().prefault('127.0.0.1').register(variableMeta, {
    description: 'Address to listen on. `0.0.0.0` listens on every network interface.',
    accepts: 'host name or IP address',
  }),
  PORT: wholeNumber(0, 65_535).prefault('8080').register(variableMeta, {
    description: 'Port to listen on. `0` takes a free one and prints it.',
    accepts: '0 to 65535',
  }),
  ADMIN_HOST: z
    .string()
    .prefault('127.0.0.1')
    .register(variableMeta, {
      description:
        'Address for operators and their machines: metrics, and whether the process is alive and ready. It needs no ' +
        'password, so it is loopback unless you set it. Use `0.0.0.0` only where nobody else reaches the port.',
      accepts: 'host name or IP address',
    }),
  ADMIN_PORT: wholeNumber(0, 65_535).optional().register(variableMeta, {
    description: 'Port of that address. `0` takes a free one and prints it.',
    accepts: '0 to 65535',
    unset: 'the one after `PORT`: 8081; a free one where `PORT` is `0`',
  }),
}

/** The next port, so that several processes on one machine need only one setting each. */
export function portAfter(port: number): number {
  if (port === 0) return 0
  return port === 65_535 ? port - 1 : port + 1
}
