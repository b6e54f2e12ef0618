/**
 * A port in front of this run's PostgreSQL that keeps its sessions: starting one costs more than what a test asks of it. A client
 * that takes its leave is gone, and its session, reset, serves the next one that introduces itself with the same words. One that
 * vanishes takes its session with it, as ever.
 * https://www.postgresql.org/docs/18/protocol-flow.html
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'

export interface KeptBackends {
  /** The URL of the same database through this port. */
  through(url: string): string
  /** The sessions that no client has, by the server's process, once those who are leaving this database have left. */
  spare(database: string): Promise<readonly number[]>
}

interface Session {
  readonly introduction: string
  readonly socket: Socket
  /** What the server said from its consent to its first `ReadyForQuery`. */
  readonly greeting: Buffer
  readonly pid: number
}

interface Sessions {
  /** Those without a client, once they are reset. */
  readonly ready: Session[]
  readonly resetting: Set<Session>
  /** Those with a client. */
  readonly attended: Set<Session>
  /** Of all connections to the server. */
  readonly open: Set<Socket>
}

const turnsToLeave = 50

/** Version 3.0 of the protocol. */
const plainSession = 0x30000

/** Less than a third of what the server allows: several workers share it. */
const most = 24

const message = (type: string, body: string | Buffer) => {
  const bytes = Buffer.concat([Buffer.from(`${type}\0\0\0\0`), Buffer.from(body)])
  bytes.writeInt32BE(bytes.length - 1, 1)
  return bytes
}
const terminate = message('X', '')
const idle = message('Z', 'I')
const failed = message('Z', 'E')
const discard = message('Q', 'DISCARD ALL\0')
const discarded = Buffer.concat([message('C', 'DISCARD ALL\0'), idle])

const endsWith = (bytes: Buffer, end: Buffer) =>
  bytes.length >= end.length && bytes.subarray(-end.length).equals(end)

export async function keepBackends(postgres: string): Promise<KeptBackends> {
  const { hostname, port } = new URL(postgres)
  const sessions: Sessions = { ready: [], resetting: new Set(), attended: new Set(), open: new Set() }
  const server = createServer({ noDelay: true }, (client) => {
    client.on('error', () => client.destroy())
    client.once('data', (first) => serve(client, first, { sessions, host: hostname, port: Number(port) }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.unref()
  const address = server.address() as AddressInfo
  return {
    through(url) {
      const through = new URL(url)
      through.hostname = address.address
      through.port = String(address.port)
      // A kept session was let in once and for all: there is no proof of the password to demand.
      through.searchParams.delete('require_auth')
      return through.href
    },
    async spare(database) {
      const isOfIt = ({ introduction }: Session) => introduction.includes(`\0database\0${database}\0`)
      // A pool that has ended does not wait for its connections, and what they wrote has not been read here yet.
      for (let turn = 0; turn < turnsToLeave && [...sessions.attended].some(isOfIt); turn += 1)
        await setImmediate()
      return [...sessions.ready, ...sessions.resetting].map(({ pid }) => pid)
    },
  }
}

interface Serving {
  readonly sessions: Sessions
  readonly host: string
  readonly port: number
}

/** `first`: what a client says first, which fits into one packet. */
function serve(client: Socket, first: Buffer, { sessions, host, port }: Serving): void {
  const introduction = first.toString('latin1')
  const at = sessions.ready.findLastIndex((session) => session.introduction === introduction)
  const [kept] = at < 0 ? [] : sessions.ready.splice(at, 1)
  if (kept !== undefined) {
    client.write(kept.greeting)
    attend(client, kept, sessions)
    return
  }
  if (sessions.open.size >= most) sessions.ready.shift()?.socket.end(terminate)
  const socket = connect({ host, port, noDelay: true })
  sessions.open.add(socket)
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    forget(sessions, socket)
  })
  socket.write(first)
  // Who asks for encryption, or for the end of a statement, gets the server itself.
  if (first.readInt32BE(4) === plainSession) introduce(client, { socket, introduction }, sessions)
  else client.pipe(socket).pipe(client)
}

function forget({ ready, resetting, open }: Sessions, socket: Socket): void {
  open.delete(socket)
  for (const session of resetting) if (session.socket === socket) resetting.delete(session)
  const at = ready.findIndex((session) => session.socket === socket)
  if (at >= 0) ready.splice(at, 1)
}

/** Client and server come to terms with each other; from the greeting on, the session can be kept. */
function introduce(
  client: Socket,
  { socket, introduction }: Pick<Session, 'socket' | 'introduction'>,
  sessions: Sessions,
): void {
  let said = Buffer.alloc(0)
  const toServer = (chunk: Buffer) => void socket.write(chunk)
  const vanished = () => socket.destroy()
  const lost = () => client.end()
  const toClient = (chunk: Buffer) => {
    client.write(chunk)
    said = Buffer.concat([said, chunk])
    const greeting = greetingIn(said)
    if (greeting === undefined) return
    client.off('data', toServer).off('close', vanished)
    socket.off('data', toClient).off('close', lost)
    attend(client, { socket, introduction, ...greeting }, sessions)
  }
  client.on('data', toServer).on('close', vanished)
  socket.on('data', toClient).on('close', lost)
}

function greetingIn(said: Buffer): Pick<Session, 'greeting' | 'pid'> | undefined {
  let start = 0
  let pid = 0
  for (let at = 0; at + 5 <= said.length;) {
    const type = String.fromCharCode(said[at] ?? 0)
    const end = at + 1 + said.readInt32BE(at + 1)
    if (end > said.length) return undefined
    if (type === 'R' && said.readInt32BE(at + 5) === 0) start = at
    if (type === 'K') pid = said.readInt32BE(at + 5)
    if (type === 'Z') return { greeting: said.subarray(start, end), pid }
    at = end
  }
  return undefined
}

function attend(client: Socket, session: Session, sessions: Sessions): void {
  const { socket } = session
  let last: Buffer = idle
  const toClient = (chunk: Buffer) => {
    last = Buffer.concat([last, chunk]).subarray(-idle.length)
    client.write(chunk)
  }
  const part = () => {
    sessions.attended.delete(session)
    client.off('data', toServer).off('close', vanished)
    socket.off('data', toClient).off('close', lost)
  }
  const vanished = () => {
    part()
    socket.destroy()
  }
  const lost = () => {
    part()
    client.end()
  }
  const toServer = (chunk: Buffer) => {
    if (!endsWith(chunk, terminate)) return void socket.write(chunk)
    socket.write(chunk.subarray(0, -terminate.length))
    part()
    client.end()
    // Otherwise something is under way or was left open, and ends as it would.
    if (endsWith(last, idle)) keep(session, sessions)
    else socket.end(terminate)
  }
  sessions.attended.add(session)
  client.on('data', toServer).on('close', vanished)
  socket.on('data', toClient).on('close', lost)
}

function keep(session: Session, { ready, resetting }: Sessions): void {
  const { socket } = session
  let answer = Buffer.alloc(0)
  const onData = (chunk: Buffer) => {
    answer = Buffer.concat([answer, chunk])
    if (endsWith(answer, failed)) socket.end(terminate)
    if (!endsWith(answer, discarded)) return
    socket.off('data', onData)
    if (resetting.delete(session)) ready.push(session)
  }
  resetting.add(session)
  socket.on('data', onData)
  socket.write(discard)
}
