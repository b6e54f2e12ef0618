/** Connections to PostgreSQL as everything here opens them: they do what the URL says of authentication, which the driver does not. */
import pg from 'pg'

/**
 * With `require_auth=scram-sha-256` in the URL, as libpq has it, a server has to prove that it knows the password and is never sent
 * it. Whoever holds the port of a server that is down learns nothing, and no statement is sent there.
 * https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNECT-REQUIRE-AUTH
 */
export class DatabaseClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config)
    if (requiresScram(config?.connectionString)) acceptOnlyScram(this.connection)
  }
}

/** It asked for the password itself, or for none at all. */
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

/** What a server may say before its signature. https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-START-UP */
const beforeProof = new Set(['authenticationSASL', 'authenticationSASLContinue', 'error', 'notice'])

/** Our listeners are there before the driver's, and `message` comes before the event of the message itself. */
function acceptOnlyScram(connection: pg.Connection): void {
  const check = ({ name }: { readonly name: string }) => {
    if (beforeProof.has(name)) return
    // The driver checks the signature, and says by `error` that it is wrong.
    if (name === 'authenticationSASLFinal') connection.off('message', check)
    else {
      connection.removeAllListeners(name)
      connection.emit('error', new NotScram())
    }
  }
  connection.on('message', check)
  // Nothing that follows in the same packet makes it a connection, and nothing is written to a stream that is gone.
  connection.on('error', () => {
    connection.removeAllListeners('readyForQuery')
    connection.stream.destroy()
  })
}
