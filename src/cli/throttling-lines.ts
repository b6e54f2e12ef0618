/** Limits and circuits of a connection as commands print them. */
import { counted, inWords } from '../base/duration.ts'
import type { CircuitView, LimitView, Throttling } from '../limits/throttling.ts'
import { momentText, relativeText, whenText } from './when.ts'

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

/** Why its runs wait, in one line; undefined when they do not. */
export function heldUp({ limits, circuit }: Throttling): string | undefined {
  if (circuit !== undefined) {
    return `circuit open: ${circuit.reason} Next probe ${whenText(circuit.nextProbeAt)}`
  }
  const resting = limits.filter(({ exhaustedUntil }) => exhaustedUntil !== undefined)
  if (resting.length === 0) return undefined
  return `waits for limits: ${resting.map(({ bucket, exhaustedUntil }) => (exhaustedUntil === undefined ? bucket : `${bucket} (free ${relativeText(exhaustedUntil, new Date())})`)).join(', ')}`
}

export function throttlingLines({ limits, circuit }: Throttling): readonly string[] {
  return [
    circuit === undefined
      ? 'circuit: closed'
      : `circuit: open since ${momentText(circuit.openedAt)}. ${circuit.reason} ` +
        `${counted(circuit.probes, 'probe')} so far, the next one ${whenText(circuit.nextProbeAt)}`,
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
      `${used} of ${allowed} in ${inWords(seconds * 1000)} used or reserved ahead; resets ${relativeText(resetsAt, new Date())}`,
  )
  const rests = exhaustedUntil === undefined ? [] : [`used up, free ${whenText(exhaustedUntil)}`]
  const said = [...rests, ...open]
  return `limit ${bucket}${sharedBy[countedBy]}: ${said.length === 0 ? 'free' : said.join('; ')}`
}
