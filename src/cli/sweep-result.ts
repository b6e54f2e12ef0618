/** A sweep as people and scripts read it. */
import type { ShownHire } from '../access/show-hires.ts'
import { counted } from '../base/duration.ts'
import type { JsonObject } from '../base/json.ts'
import type { FoundHire, SweepCounts, SweepView } from '../sweeps/ports.ts'
import type { CommandResult } from './command.ts'
import { exitCodes } from './exit-code.ts'
import { nameText } from './shown-hires.ts'
import { table } from './table.ts'
import { momentText } from './when.ts'

export function resultOf(ended: SweepView): CommandResult {
  if (ended.state === 'done') {
    return {
      data: sweepData(ended),
      text: countsText(ended, 'created'),
      next: 'Next: pinpoint-webhooks runs list',
    }
  }
  if (ended.state !== 'failed') {
    return {
      data: sweepData(ended),
      text: `${countsText(ended, 'created')}\n${leftText(ended)}`,
      exitCode: exitCodes.retryLater.code,
    }
  }
  const lines = [countsText(ended, 'created'), `The sweep failed: ${ended.reason ?? ''}`, ended.fix ?? '']
  const { retryLater, needsPerson } = exitCodes
  return {
    data: sweepData(ended),
    text: lines.filter((line) => line !== '').join('\n'),
    exitCode: ended.fix === null ? retryLater.code : needsPerson.code,
  }
}

export function leftText({ id }: SweepView): string {
  return `Stopped before the end: a running service finishes ${id}, or else the next sweep of this tenant.`
}

export function countsText(counts: SweepCounts, created: string): string {
  const { seen, missing, restarted, exhausted, runs, fresh, older, withoutDate } = counts
  const more: readonly (readonly [number, string])[] = [
    [fresh, 'hired in the last 15 minutes; their webhook may still come'],
    [older, 'hired before the look-back or before the connection was enabled (--since includes them)'],
    [withoutDate, 'Pinpoint does not say when they were hired (--undated includes them)'],
    [
      exhausted,
      'their runs were refused, although Pinpoint lists them as hired, and sweeps have started them again three times (runs list --state refused)',
    ],
  ]
  const again = restarted === 0 ? '' : ` and ${restarted} whose run had ended before Pinpoint showed the hire`
  return [
    `Checked ${counted(seen, 'hire')}: ${missing} had no webhook${again}; ${created} ${counted(runs, 'run')}.`,
    ...more.filter(([count]) => count > 0).map(([count, what]) => `${count} skipped: ${what}.`),
  ].join('\n')
}

export function sweepData(view: SweepView): JsonObject {
  return { ...view }
}

export function hireData({ hire, integrations, verdict }: FoundHire): JsonObject {
  const hiredAt = hire.hiredAt?.toISOString() ?? null
  return { application: hire.id, hiredAt, integrations, restarted: verdict === 'restarted' }
}

/** An attempt has read only those whose run had ended. */
export function foundText(
  found: readonly FoundHire[],
  names: readonly (ShownHire | 'unreadable' | undefined)[],
): readonly string[] {
  if (found.length === 0) return []
  const rows = found.map(({ hire, integrations, verdict }, index) => [
    hire.id,
    nameText(names[index]),
    hire.hiredAt === undefined ? 'not known' : momentText(hire.hiredAt),
    integrations.join(', '),
    verdict === 'missing' ? 'no webhook' : 'its run ended too early',
  ])
  return ['', table(['APPLICATION', 'WHO', 'HIRED', 'FOR', 'WHY'], rows)]
}
