/** Crash points that no single hire passes: a service that starts, and one that stops. */
import type { CrashPoint } from '../../sandbox/crash-kit/crash-point.ts'

export const takeOverPoints = [
  'runs.takeOver.before',
  'runs.takeOver.uncommitted',
  'runs.takeOver.after',
] as const satisfies readonly CrashPoint[]

/** An error at the commit is one of the driver, which is taken for a lost connection. */
export const takeOverErrors = ['runs.takeOver.before', 'runs.takeOver.after'] as const

export const handBackPoints = [
  'queue.handBack.before',
  'queue.handBack.after',
] as const satisfies readonly CrashPoint[]
