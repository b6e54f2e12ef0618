/** What every imitated call passes through: it is logged, suffers its fault, does its work, and suffers again. */
import { createHash } from 'node:crypto'

import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'

import type { Clock } from '../src/base/clock.ts'
import type { CallLog } from './call-log.ts'
import type { Faults, System } from './faults.ts'
import { inflict, type Scene } from './inflict.ts'

export interface SandboxEnv {
  Bindings: HttpBindings
}
export type SandboxContext = Context<SandboxEnv>
export type SandboxHandler = (c: SandboxContext) => Response | Promise<Response>

export interface Gate {
  readonly calls: CallLog
  readonly faults: Faults
  readonly clock: Clock
}

/** How one system names its callers and says "too many". */
export interface GatedSystem {
  readonly system: System
  /** Tenant, company or receiver of this call; '' when unknown. */
  readonly account: (c: SandboxContext) => string
  readonly tooMany: Scene['tooMany']
  /** The body of a refusal in the system's own words. Default: one that is no API's in particular. */
  readonly refusal?: Scene['refusal']
  /** The header in which it names each call, as its vendor does. */
  readonly requestId?: { readonly header: string; readonly make: (hex: string) => string }
}

export function gated(gate: Gate, system: GatedSystem) {
  let answers = 0
  return (operation: string, handler: SandboxHandler): SandboxHandler =>
    async (c) => {
      const name = { system: system.system, operation, account: system.account(c) }
      const end = gate.calls.begin({
        ...name,
        at: gate.clock.now().toISOString(),
        method: c.req.method,
        path: c.req.path,
      })
      const text = gate.faults.readsCalls(system.system) ? `${c.req.url}\n${await c.req.text()}` : ''
      const fault = gate.faults.choose({ ...name, at: gate.clock.now(), text })
      const { tooMany, refusal = noApis } = system
      const scene = fault && { ...gate, fault, socket: c.env, tooMany, refusal }
      const early = scene && (await inflict('before', scene))
      const answer = early?.response ?? (await answered(handler, c))
      const late = scene && !early ? await inflict('after', scene, answer) : undefined
      end((late ?? early)?.outcome ?? answer.status)
      return named(late?.response ?? answer, system, ++answers)
    }
}

const noApis: Scene['refusal'] = () => ({ error: 'fault injected by the sandbox' })

/** What a fault has set stays, and what was never sent has no headers. The same calls get the same ids. */
function named(answer: Response, { system, requestId }: GatedSystem, number: number): Response {
  if (requestId === undefined || answer === RESPONSE_ALREADY_SENT) return answer
  const hex = createHash('sha256').update(`${system} ${number}`).digest('hex')
  if (!answer.headers.has(requestId.header)) answer.headers.set(requestId.header, requestId.make(hex))
  return answer
}

/** Handlers leave early by throwing an HTTPException that carries the finished response. */
async function answered(handler: SandboxHandler, c: SandboxContext): Promise<Response> {
  try {
    return await handler(c)
  } catch (error) {
    if (error instanceof HTTPException) return error.getResponse()
    throw error
  }
}

/** The named part of the path, which the route guarantees. */
export function pathPart(c: SandboxContext, name: string): string {
  const part = c.req.param(name)
  if (part === undefined) throw new Error(`The route has no :${name}`)
  return part
}
