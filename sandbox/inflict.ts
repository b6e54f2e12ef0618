/** Carries a fault out on one call: what the switchboard decided becomes a socket that breaks or an answer that lies. */
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'

import type { Clock } from '../src/base/clock.ts'
import { altered, isAlteration } from './alter.ts'
import type { CallOutcome } from './call-log.ts'
import type { Effect, Fault, Faults, Moment } from './faults.ts'

/** The response to give instead, and how the call went for its caller. */
export interface Suffered {
  readonly response: Response
  readonly outcome: CallOutcome
}

export interface Scene {
  readonly fault: Fault
  readonly faults: Faults
  readonly clock: Clock
  readonly socket: HttpBindings
  /** The system's own way of saying 429. */
  readonly tooMany: (limit: { readonly limit: number; readonly resetInSeconds: number }) => Response
  /** The body with which it answers such a status, where the fault names none. */
  readonly refusal: (status: number) => unknown
}

/** Undefined: the call goes on as if nothing had been. */
export async function inflict(
  moment: Moment,
  scene: Scene,
  answer?: Response,
): Promise<Suffered | undefined> {
  const { effect } = scene.fault
  if (momentOf(effect) !== moment) return undefined
  if ('status' in effect) return saying(ownStatus(effect, scene))
  if ('rateLimit' in effect) return saying(scene.tooMany(effect.rateLimit))
  if (isAlteration(effect)) return answer && saying(await altered(effect, answer))
  if ('html' in effect) return saying(htmlPage())
  if ('page' in effect) return saying(blockPage(effect.page.status))
  if ('cut' in effect) return cut(scene)
  if ('hang' in effect) {
    await callerGone(scene.socket)
    return unanswered('hung')
  }
  if ('delayMs' in effect) {
    await scene.clock.sleep(effect.delayMs)
    return undefined
  }
  const first = await scene.faults.held(scene.fault.id, callerGone(scene.socket))
  return first === 'gone' ? unanswered('caller gone') : undefined
}

/** HiBob answers a wrong path with its login page and 200. */
export function htmlPage(): Response {
  const page = '<!doctype html><html><head><title>Login</title></head><body>Please sign in</body></html>'
  return new Response(page, { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } })
}

/** Nothing in it is of the API that stands behind. */
function blockPage(status: number): Response {
  const page = '<html><head><title>Request blocked</title></head><body><h1>Request blocked</h1></body></html>'
  return new Response(page, { status, headers: { 'content-type': 'text/html', server: 'edge' } })
}

function momentOf(effect: Effect): Moment {
  if ('cut' in effect) return effect.cut
  if ('hang' in effect) return effect.hang
  if ('hold' in effect) return effect.hold
  if (isAlteration(effect)) return 'after'
  return 'at' in effect ? effect.at : 'before'
}

const saying = (response: Response): Suffered => ({ response, outcome: response.status })
const unanswered = (outcome: CallOutcome): Suffered => ({ response: RESPONSE_ALREADY_SENT, outcome })

function cut(scene: Scene): Suffered {
  scene.socket.incoming.socket.destroy()
  return unanswered('cut')
}

function ownStatus(
  effect: Extract<Effect, { readonly status: number }>,
  { refusal }: Pick<Scene, 'refusal'>,
): Response {
  const empty = effect.status === 204 || effect.status === 304
  const body = effect.body === undefined ? refusal(effect.status) : effect.body
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const type = typeof body === 'string' ? 'text/plain' : 'application/json'
  return new Response(empty ? null : text, {
    status: effect.status,
    headers: { 'content-type': type, ...effect.headers },
  })
}

async function callerGone({ outgoing }: HttpBindings): Promise<void> {
  if (outgoing.destroyed || outgoing.closed) return
  await new Promise<void>((resolve) => outgoing.once('close', resolve))
}
