/**
 * The network: what a process sends goes through the service's own outbound client up to here, and reaches the sandbox's own routes
 * in process. In between the seed decides when it arrives, when the answer does, and what is lost.
 */
import type { Hono } from 'hono'
import { Dispatcher, FormData as UndiciFormData } from 'undici'

import type { SandboxEnv } from '../../sandbox/gate.ts'
import type { World } from '../../sandbox/world.ts'
import { effectDeadline } from '../../src/base/effect-deadline.ts'
import type { Random } from './random.ts'
import type { Actor, Scheduler } from './scheduler.ts'
import { drawFate, type Fate, type System, type Weather } from './weather.ts'

export const origin = 'http://127.0.0.1:4010'

export interface NetworkDeps {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly weather: Weather
  readonly start: Date
  readonly world: World
  readonly app: Hono<SandboxEnv>
  /** This caller has just sent something that makes something. */
  readonly inDanger: (caller: Actor) => void
  /** Milliseconds by which a destination acts later than it may: 0, unless a test shows that this is noticed. */
  readonly tooLate: number
  /** How long a call takes each way. Undefined: drawn, and sometimes long. */
  readonly callMilliseconds?: number | undefined
  /** Hears every answer that was sent. */
  readonly answered?: ((answer: Heard) => void) | undefined
}

export interface Heard {
  readonly system: System
  readonly operation: string
  readonly body: Buffer
}

type Options = Dispatcher.DispatchOptions
type Handler = Dispatcher.DispatchHandler

interface Call {
  readonly caller: Actor
  readonly system: System
  readonly makes: boolean
  readonly name: string
  readonly request: Request
  /** The last instant at which the destination may act, in milliseconds of real time. */
  readonly latest: number
}

export interface Network {
  /** What carries the calls of one process. */
  agentOf(caller: Actor): Dispatcher
}

export function createNetwork(deps: NetworkDeps): Network {
  const wire = deps.scheduler.actor('network')
  return {
    agentOf: (caller) => new Agent((options, handler) => carry(deps, wire, { caller, options, handler })),
  }
}

class Agent extends Dispatcher {
  readonly #carry: (options: Options, handler: Handler) => void

  constructor(carry: (options: Options, handler: Handler) => void) {
    super()
    this.#carry = carry
  }

  override dispatch(options: Options, handler: Handler): boolean {
    this.#carry(options, handler)
    return true
  }
}

interface Sent {
  readonly caller: Actor
  readonly options: Options
  readonly handler: Handler
}

function carry(deps: NetworkDeps, wire: Actor, { caller, options, handler }: Sent): void {
  const { scheduler } = deps
  const call = callOf(deps, caller, options)
  const reply = replyTo(handler)
  const fate = fateOf(deps, call)
  if (call.makes || looks.test(call.name)) deps.inDanger(caller)
  scheduler.say(caller, `${call.name}${fate.kind === 'answered' ? '' : ` (${describe(fate)})`}`)
  if (fate.kind === 'refused') {
    scheduler.later(caller, delay(deps), () => reply.failed(errorOf('ECONNREFUSED')))
    return
  }
  const lands = fate.kind !== 'lost before' && (fate.kind !== 'silent' || fate.lands)
  if (fate.kind === 'lost before')
    scheduler.later(caller, delay(deps), () => reply.failed(errorOf('ECONNRESET')))
  if (!lands) return

  const survives = deps.random.happens(0.7)
  const answerDelay = delay(deps)
  scheduler.later(wire, landsIn(deps, call, fate), async () => {
    // With its process the connection goes; what had left the machine arrives all the same.
    if (caller.state === 'gone' && !survives) return
    const answer = await arrive(deps, call, fate)
    scheduler.say(wire, `${call.name} of ${caller.name} arrives: ${answer.status}`)
    if (fate.kind === 'silent') return
    scheduler.later(caller, answerDelay, () => {
      if (fate.kind === 'lost after') reply.failed(errorOf('ECONNRESET'))
      else reply.answered(answer)
    })
  })
}

/** The looks before something is made: whoever is paused here goes on with an old answer. */
const looks = /\/(comments|search)$|\/docs\/people\//

function callOf({ scheduler }: NetworkDeps, caller: Actor, options: Options): Call {
  const url = new URL(options.path, String(options.origin))
  const method = options.method
  const deadline = effectDeadline()
  const system = systemOf(url.pathname)
  return {
    caller,
    system,
    makes: method === 'POST' && !url.pathname.endsWith('/search') && system !== 'receiver',
    name: `${method} ${nameOf(url.pathname)}`,
    request: new Request(url, {
      method,
      headers: options.headers as Record<string, string>,
      body: bodyOf(options),
    }),
    latest: deadline === undefined ? scheduler.now().getTime() + 60_000 : deadline.getTime() - caller.skew,
  }
}

/** Node's own `Request` does not know the form of the package. */
function bodyOf({ body }: Options): string | FormData | null {
  if (!(body instanceof UndiciFormData)) return (body as string | null | undefined) ?? null
  const form = new FormData()
  for (const [name, value] of body) form.append(name, value)
  return form
}

function systemOf(path: string): System {
  if (path.startsWith('/pinpoint/')) return 'pinpoint'
  if (path.startsWith('/hibob/')) return 'hibob'
  return path.startsWith('/receiver/') ? 'receiver' : 'files'
}

/** Tokens of CV links differ from run to run. */
function nameOf(path: string): string {
  return path.replace(/^(\/pinpoint-files|\/files)\/[^/]+/, '$1/…').replace('/api/v1', '')
}

function fateOf({ scheduler, random, weather, start }: NetworkDeps, { system, makes }: Call): Fate {
  const elapsed = scheduler.now().getTime() - start.getTime()
  const { outage } = weather
  if (
    outage?.system === system &&
    (makes || outage.onlyMakes !== true) &&
    elapsed >= outage.from &&
    elapsed < outage.until
  ) {
    return { kind: 'told', effect: { status: 503, at: 'before' } }
  }
  // What makes something fares worse: there are few such calls, and they are what this is about.
  const often = Math.min(0.7, weather.network * (makes ? 3 : 1))
  return drawFate(random, elapsed < weather.calmAfter ? often : 0, { system, makes })
}

function landsIn(deps: NetworkDeps, { latest }: Call, { kind }: Fate): number {
  const { scheduler, random, tooLate } = deps
  const left = Math.max(0, latest - scheduler.now().getTime())
  if (kind !== 'late') return Math.min(left, delay(deps))
  // Often at the very end: what waits for that moment must have waited long enough.
  return (random.happens(0.5) ? left : random.between(0, left)) + tooLate
}

/** Mostly at once, sometimes slow: half a minute is when callers hang up. */
function delay({ random, callMilliseconds }: NetworkDeps): number {
  if (callMilliseconds !== undefined) return callMilliseconds
  return random.happens(0.9) ? random.between(1, 120) : random.between(100, 20_000)
}

interface Answer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: Buffer
}

/** The destination acts now, whole. */
async function arrive(
  { world, app, answered }: NetworkDeps,
  { system, request }: Call,
  fate: Fate,
): Promise<Answer> {
  const told = fate.kind === 'told' ? world.faults.add({ system, effect: fate.effect }) : undefined
  const response = await app.fetch(request)
  if (told !== undefined) world.faults.remove(told.id)
  const body = Buffer.from(await response.arrayBuffer())
  answered?.({ system, operation: world.calls.list({ system }).at(-1)?.operation ?? '', body })
  return { status: response.status, headers: Object.fromEntries(response.headers), body }
}

/** The client's end of the connection: it hears of one outcome, and of none after it has hung up. */
function replyTo(handler: Handler) {
  let over = false
  const once = (tell: () => void) => {
    if (over) return
    over = true
    tell()
  }
  const controller = {
    aborted: false,
    paused: false,
    reason: null as Error | null,
    rawHeaders: [],
    rawTrailers: [],
    abort(reason: Error) {
      controller.aborted = true
      controller.reason = reason
      once(() => handler.onResponseError?.(controller, reason))
    },
    pause: () => {},
    resume: () => {},
  }
  handler.onRequestStart?.(controller, {})
  return {
    failed: (error: Error) => once(() => handler.onResponseError?.(controller, error)),
    answered: ({ status, headers, body }: Answer) =>
      once(() => {
        handler.onResponseStart?.(controller, status, headers, '')
        handler.onResponseData?.(controller, body)
        handler.onResponseEnd?.(controller, {})
      }),
  }
}

function errorOf(code: string): Error {
  return Object.assign(new Error(code), { code })
}

function describe(fate: Fate): string {
  if (fate.kind === 'told') return JSON.stringify(fate.effect)
  return fate.kind === 'silent' ? `no answer, ${fate.lands ? 'done' : 'not done'}` : fate.kind
}
