/** Reports an address that cannot be listened on as a wrong setting, not as a bug. */
import { NeedsPerson } from '../base/failure.ts'

export interface Listening {
  readonly host: string
  readonly port: number
  /** The name of the setting of the port. Default `PORT`; the host is set beside it. */
  readonly setting?: 'PORT' | 'ADMIN_PORT' | '--port'
}

/** The failure to throw for an error of `listen`; the error itself if it means something else. */
export function listenFailure(error: unknown, { host, port, setting = 'PORT' }: Listening): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'EADDRINUSE':
      return new NeedsPerson('http.port_taken', `Port ${port} on ${host} is taken by another program.`, {
        fix: `Stop that program, or set ${setting} to another port (0 takes a free one).`,
        cause: error,
      })
    case 'EACCES':
      return new NeedsPerson('http.port_refused', `This user may not listen on port ${port}.`, {
        fix: `Set ${setting} to a port above 1023, or allow this user to listen on this one.`,
        cause: error,
      })
    case 'EADDRNOTAVAIL':
    case 'EAI_AGAIN':
    case 'ENOTFOUND':
      return new NeedsPerson('http.host_unknown', `${host} is not an address of this machine.`, {
        fix: `Set ${setting === 'ADMIN_PORT' ? 'ADMIN_HOST' : 'HOST'} to 127.0.0.1 for this machine only, or to 0.0.0.0 for every network interface.`,
        cause: error,
      })
    default:
      return error
  }
}
