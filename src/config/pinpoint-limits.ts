/** How many calls Pinpoint allows to this address, where that is not what it documents. */
import { z } from 'zod'

import type { DeclaredWindow } from '../base/rate-limit.ts'
import { variableMeta } from './variable.ts'

const most = { calls: 1_000_000, seconds: 86_400, windows: 4 } as const
const shape = /^(\d{1,7})\/(\d{1,5})$/

const windowList = z.string().transform((text, context): readonly DeclaredWindow[] => {
  const windows = text.split(',').map((part) => {
    const [, calls = '', seconds = ''] = shape.exec(part.trim()) ?? []
    return { calls: Number(calls), seconds: Number(seconds) }
  })
  const fault = faultOf(windows)
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault })
  return windows
})

function faultOf(windows: readonly DeclaredWindow[]): string | undefined {
  const isWindow = ({ calls, seconds }: DeclaredWindow) =>
    calls >= 1 && calls <= most.calls && seconds >= 1 && seconds <= most.seconds
  if (!windows.every(isWindow)) {
    return `must be calls/seconds, several with commas, such as 600/60,1200/480; at most ${most.calls} calls and ${most.seconds} seconds`
  }
  if (windows.length > most.windows) return `must have at most ${most.windows} windows`
  const lengths = new Set(windows.map(({ seconds }) => seconds))
  return lengths.size < windows.length ? 'must name each number of seconds once' : undefined
}

export const pinpointLimitsVariable = {
  PINPOINT_LIMITS: windowList.optional().register(variableMeta, {
    description:
      'How many calls Pinpoint allows to the IP address of this process, if it has agreed to more than it documents, or if something else ' +
      'calls it from the same address. Hosts of `pinpointhq.com` are called within these limits from the first call on.',
    accepts: '`calls/seconds`, several with commas: `600/60,1200/480`',
    unset: '`120/60,240/480`, as Pinpoint documents',
  }),
}

export function describeLimits(windows: readonly DeclaredWindow[]): string {
  return windows.map(({ calls, seconds }) => `${calls}/${seconds}`).join(',')
}
