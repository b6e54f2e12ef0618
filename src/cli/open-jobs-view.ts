/** What `connections check --open-jobs` says about jobs, in words that a people team understands. */
import type { Json } from '../base/json.ts'
import type { CheckReport } from '../sdk/check.ts'
import type { JobPreflight, PreflightReport } from '../tenants/preflight.ts'

/** A report is good when no hire would park and everything that was asked could be read. */
export function goesWell(report: PreflightReport | undefined): boolean {
  return report === undefined || (report.counts.park === 0 && report.general.every(({ ok }) => ok))
}

export function openJobsData(report: PreflightReport | undefined): Json {
  if (report === undefined) return null
  return {
    counts: { ...report.counts },
    general: report.general.map((item) => ({ ...item })),
    jobs: report.jobs.map(({ id, title, findings }) => ({
      id,
      title: title ?? null,
      findings: findings.map((finding) => ({ ...finding })),
    })),
  }
}

export function openJobsText(report: PreflightReport | undefined): string {
  if (report === undefined)
    return '  Open jobs: this integration has nothing to check before there is a hire.'
  const { general, jobs, counts } = report
  return [checkLines(general), countLine(counts), ...jobs.flatMap(jobLines)].join('\n')
}

export function checkLines(report: CheckReport): string {
  return report
    .flatMap(({ ok, what, because, mend }) => [
      `  ${ok ? 'ok  ' : 'FAIL'}  ${what}: ${because}`,
      ...(mend === undefined ? [] : mend.split('\n').map((line) => `          fix: ${line}`)),
    ])
    .join('\n')
}

function countLine({ jobs, goThrough, leaveOut, park }: PreflightReport['counts']): string {
  if (jobs === 0) return '  Open jobs: there are none.'
  const parts = [
    `a hire would go through on ${goThrough}`,
    ...(leaveOut > 0 ? [`with something left out on ${leaveOut}`] : []),
    ...(park > 0 ? [`and PARK on ${park}`] : []),
  ]
  return `  Open jobs: ${jobs}; ${parts.join(', ')}.`
}

function jobLines({ id, title, findings }: JobPreflight): readonly string[] {
  if (findings.length === 0) return []
  const lines = findings.map(
    ({ would, what, because, fix }) =>
      `    ${would === 'park' ? 'PARK' : 'note'}  ${what}: ${because} ${fix}`,
  )
  return [`  Job ${id}, ${title ?? 'without a title'}`, ...lines]
}
