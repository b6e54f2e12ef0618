/** Throws at a port and reads what comes back, without an HTTP client's opinion of what a request or an answer is. */
import { connect } from 'node:net'

import { type Agent, request } from 'undici'

import type { Throw } from './throw.ts'

export interface Answers {
  /** Of each answer, in order. */
  readonly statuses: readonly number[]
  /** How many of them acknowledged an event. */
  readonly admitted: number
}

/** After so long without a byte the client says that nothing more comes; then so long again, and it goes away. */
const quietMilliseconds = 150
const patienceMilliseconds = 10_000

export function throwRaw(
  port: number,
  { bytes, expected, hangUp = false, requests = 1 }: Throw,
): Promise<Answers> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const received: Buffer[] = []
    const answers = () => readAnswers(Buffer.concat(received).toString('latin1'))
    const patience = expected === 'admitted' ? patienceMilliseconds : quietMilliseconds
    let timer = setTimeout(() => socket.destroy(), patienceMilliseconds)
    const quietFor = (milliseconds: number, then: () => void) => {
      clearTimeout(timer)
      timer = setTimeout(then, milliseconds)
    }
    const sayEnd = () => {
      socket.end()
      quietFor(patienceMilliseconds, () => socket.destroy())
    }
    socket.once('connect', () => {
      for (const part of bytes) socket.write(part)
      if (hangUp) socket.write('', () => socket.destroy())
      else quietFor(patience, sayEnd)
    })
    socket.on('data', (data) => {
      received.push(data)
      if (requests === 1 && answers().statuses.length > 0) socket.destroy()
      else quietFor(patience, sayEnd)
    })
    // A server that refuses may reset the connection while we are still writing.
    socket.on('error', () => {})
    socket.once('close', () => {
      clearTimeout(timer)
      resolve(answers())
    })
  })
}

/** Complete ones only; an interim answer (100) is none. */
export function readAnswers(text: string): Answers {
  const statuses: number[] = []
  let admitted = 0
  for (let at = 0; ;) {
    const headEnd = text.indexOf('\r\n\r\n', at)
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text.slice(at, at + 12))?.[1])
    if (headEnd < 0 || Number.isNaN(status)) return { statuses, admitted }
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(at, headEnd))?.[1] ?? 0)
    const end = headEnd + 4 + length
    if (end > text.length) return { statuses, admitted }
    if (status >= 200) statuses.push(status)
    if (text.slice(headEnd, end).includes('"event":"evt_')) admitted += 1
    at = end
  }
}

export async function throwByClient(agent: Agent, port: number, { bytes }: Throw): Promise<Answers> {
  const [head = Buffer.alloc(0), body = Buffer.alloc(0)] = bytes
  const [first = '', ...lines] = head.toString('latin1').trimEnd().split('\r\n')
  const headers = lines
    .map((line) => line.split(': '))
    .filter(([name]) => !/^(host|content-length)$/i.test(name ?? ''))
  const { statusCode, body: answer } = await request(`http://127.0.0.1:${port}${first.split(' ')[1] ?? ''}`, {
    method: 'POST',
    headers: headers.flat(),
    body,
    dispatcher: agent,
  })
  const text = await answer.text()
  return { statuses: [statusCode], admitted: text.includes('"event":"evt_') ? 1 : 0 }
}
