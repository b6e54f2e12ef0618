/** Opens connections to PostgreSQL as the URL demands their authentication, which the driver ignores. */
import pg from 'pg'

/**
 * With `require_auth=scram-sha-256` in the URL, as in libpq, a server has to prove that it knows the password, and never receives
 * it. A process that has taken the port of a stopped server learns nothing, and receives no statement.
 * https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNECT-REQUIRE-AUTH
 */
export class DatabaseClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config)
    if (requiresScram(config?.connectionString)) acceptOnlyScram(this.connection)
  }
}

/** The server asked for the password itself, or for none. */
export class NotScram extends Error {
  override readonly name = 'NotScram'
  readonly code = 'NOT_SCRAM'

  constructor() {
    super('Whoever answers where the database should be does not prove that it knows the password.')
  }
}

function requiresScram(url: string | undefined): boolean {
  if (url === undefined || !URL.canParse(url)) return false
  return new URL(url).searchParams.get('require_auth') === 'scram-sha-256'
}

/** The messages that a server may send before its signature. https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-START-UP */
const beforeProof = new Set(['authenticationSASL', 'authenticationSASLContinue', 'error', 'notice'])

/** Our listeners precede the driver's, and `message` precedes the message's own event. */
function acceptOnlyScram(connection: pg.Connection): void {
  const check = ({ name }: { readonly name: string }) => {
    if (beforeProof.has(name)) return
    // The driver checks the signature, and emits `error` if it is wrong.
    if (name === 'authenticationSASLFinal') connection.off('message', check)
    else {
      connection.removeAllListeners(name)
      connection.emit('error', new NotScram())
    }
  }
  connection.on('message', check)
  // The rest of the packet must not establish the connection, and nothing may be written to a closed stream.
  connection.on('error', () => {
    connection.removeAllListeners('readyForQuery')
    connection.stream.destroy()
  })
}
