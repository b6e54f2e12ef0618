/** Limits and circuits of a connection as commands print them. */
import type { CircuitView, LimitView, Throttling } from '../limits/throttling.ts'

export function throttlingData({ limits, circuit }: Throttling) {
  return {
    limits: limits.map(({ bucket, countedBy, exhaustedUntil, windows }) => ({
      bucket,
      countedBy,
      exhaustedUntil: exhaustedUntil?.toISOString() ?? null,
      windows: windows.map(({ resetsAt, ...window }) => ({ ...window, resetsAt: resetsAt.toISOString() })),
    })),
    circuit: circuit === undefined ? null : circuitData(circuit),
  }
}

function circuitData({ openedAt, nextProbeAt, ...circuit }: CircuitView) {
  return { ...circuit, openedAt: openedAt.toISOString(), nextProbeAt: nextProbeAt.toISOString() }
}

/** What holds its runs up, in one line; undefined when nothing does. */
export function heldUp({ limits, circuit }: Throttling): string | undefined {
  if (circuit !== undefined) {
    return `circuit open: ${circuit.reason} Next probe ${circuit.nextProbeAt.toISOString()}`
  }
  const resting = limits.filter(({ exhaustedUntil }) => exhaustedUntil !== undefined)
  if (resting.length === 0) return undefined
  return `waits for limits: ${resting.map(({ bucket, exhaustedUntil }) => `${bucket} until ${exhaustedUntil?.toISOString() ?? ''}`).join(', ')}`
}

export function throttlingLines({ limits, circuit }: Throttling): readonly string[] {
  return [
    circuit === undefined
      ? 'circuit: closed'
      : `circuit: open since ${circuit.openedAt.toISOString()}. ${circuit.reason} ` +
        `${circuit.probes} probes so far, the next one ${circuit.nextProbeAt.toISOString()}`,
    ...(limits.length === 0 ? ['limits: none known'] : limits.map(limitLine)),
  ]
}

const sharedBy: Record<LimitView['countedBy'], string> = {
  connection: '',
  tenant: ' (of all connections of this tenant)',
  address: ' (shared by all that call from this address)',
}

function limitLine({ bucket, countedBy, exhaustedUntil, windows }: LimitView): string {
  const open = windows.map(
    ({ allowed, used, seconds, resetsAt }) =>
      `${used} of ${allowed} in ${seconds} s used or reserved ahead, until ${resetsAt.toISOString()}`,
  )
  const rests = exhaustedUntil === undefined ? [] : [`nothing before ${exhaustedUntil.toISOString()}`]
  const said = [...rests, ...open]
  return `limit ${bucket}${sharedBy[countedBy]}: ${said.length === 0 ? 'free' : said.join('; ')}`
}
