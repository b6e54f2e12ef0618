/**
 * Where a process can die, as a closed list: before and after every commit and every call to the outside. Each names
 * the accident it stands for. No code of the product reads this list; the crash kit wraps the ports with it.
 * Why so: docs/decisions/0015-crash-points.md
 */

export const crashPoints = {
  'events.record.before': 'The host goes down while a delivery is still arriving: Pinpoint has no answer.',
  'events.record.after':
    'It goes down between the commit and the answer: Pinpoint sends what is stored already.',
  'inbox.dispatch.before': 'A hire is acknowledged, and the process is gone before its run has begun.',
  'inbox.dispatch.after': 'Its run has begun, and nobody is left to tell a worker of it.',

  'sweeps.queueDue.before': 'The hour of a sweep has come, and the process that looks at the clock dies.',
  'sweeps.queueDue.after': 'The sweep is queued, and the process that queued it does not know.',
  'sweeps.freeFromDead.before':
    'A service starts on the sweep of a killed process, and dies before it is free.',
  'sweeps.freeFromDead.after': 'The sweep is free again, and the one who freed it is gone.',
  'sweeps.claim.before': 'A sweep waits to be taken, and the process that would take it dies.',
  'sweeps.claim.after':
    'A sweep is taken by a process that is gone or does not know: the others wait for its lease.',
  'sweeps.record.before': 'Pinpoint has told of a hire that nobody knew of, and whoever heard it is gone.',
  'sweeps.record.uncommitted':
    'Events, runs, jobs, counts and cursor of a page are written but not committed.',
  'sweeps.record.after': 'A page is committed and the sweep does not know: what it found, it finds again.',
  'sweeps.end.before':
    'Every page is stored, and the sweep is still under way: its tenant gets no other one.',
  'sweeps.end.uncommitted': 'Its end is written but not committed.',
  'sweeps.end.after': 'It has ended, and nobody is left to say what it found.',

  'queue.fetch.before': 'A worker is replaced by a deployment just as a hire arrives.',
  'queue.fetch.after': 'A worker has taken a job and is out of memory before it has said so on the run.',
  'queue.touch.before': 'A worker hangs or dies during a long call: its heartbeat stops.',
  'queue.touch.after': 'A worker dies right after a heartbeat: the others wait for it the longest.',
  'queue.drop.before': 'A worker dies while it throws away the job of a turn that is over.',
  'queue.drop.after': 'The same, thrown away already.',
  'queue.handBack.before': 'A stop runs out of grace and is killed before it has handed its jobs back.',
  'queue.handBack.after': 'It is killed right after it has.',

  'runs.claim.before': 'A worker dies between the job and its run.',
  'runs.claim.after': 'A run is marked as running by a worker that has done nothing yet.',
  'runs.settle.before': 'Everything is done in the outside, and the run does not know.',
  'runs.settle.uncommitted':
    'State, history, follow-up job and end of the job are written but not committed.',
  'runs.settle.after': 'The end is committed, and the worker that would free its slot is gone.',
  'runs.takeOver.before': 'A service that crashes at start, again and again, on what the last crash left.',
  'runs.takeOver.uncommitted': 'A take-over dies half-way: nobody may hold the runs of two dead workers.',
  'runs.takeOver.after': 'The runs are handed on, and the one who did it is gone.',

  'journal.write.before': 'A step is done and its line in the timeline is missing.',
  'journal.write.after': 'The line is there, and the next step has not begun.',

  'ledger.hold.before': 'A worker dies before it has said what it is about to make.',
  'ledger.hold.after': 'It dies holding the row: others about the same person wait for a dead run.',
  'ledger.attempt.before': 'It has looked, seen nothing, and not yet said that it makes.',
  'ledger.attempt.after': 'It has said that it makes and has not: nobody can tell that from a lost answer.',
  'ledger.notMade.before': 'The destination said no, and that is not written down.',
  'ledger.notMade.after': 'The no is written down, the run has not been told.',
  'ledger.exists.before': 'The destination said "is there already", and that is not written down.',
  'ledger.exists.after': 'That is written down, and nobody has looked for it again.',
  'ledger.done.before': 'The remote accepted, and we have not recorded it: where twins come from.',
  'ledger.done.after': 'It is recorded, and the worker forgets it.',

  'ledger.free.before': 'A person wants a new one made, and the old one still stands in the ledger.',
  'ledger.free.after': 'The old one is forgotten, and the new one is not made.',

  'limits.swap.before': 'A worker has learned of a limit and dies before it could tell the others.',
  'limits.swap.after': 'The others know of the limit, and the worker that counted on it is gone.',

  'http.send.before': 'A worker dies, or the network fails, with the call not sent.',
  'http.send.after':
    'The destination has acted; the answer is lost on the way, or with the worker that got it.',
  'download.before': 'The link of a CV cannot be fetched, or the worker dies before it is.',
  'download.after': 'The CV is in memory, and the memory is gone.',
} as const satisfies Readonly<Record<`${string}.${Moment}`, string>>

/** `uncommitted`: within a transaction, everything written, commit not sent. */
export type Moment = 'before' | 'uncommitted' | 'after'
export type CrashPoint = keyof typeof crashPoints
/** A call that leaves the process or commits: `ledger.attempt`. It has a before and an after. */
export type Boundary = CrashPoint extends infer Point
  ? Point extends `${infer Name}.before`
    ? Name
    : never
  : never

export function isCrashPoint(name: string): name is CrashPoint {
  return Object.hasOwn(crashPoints, name)
}
