/** `node examples/badge-desk/crash-test.ts`: the whole crash matrix on the example. Exits 1 when a promise did not hold. */
import { runCrashMatrix, type Subject, tableOf } from '../../sandbox/crash-kit/index.ts'
import { type FakeBadgeDesk, startFakeBadgeDesk } from './fake-badge-desk.ts'

export function badgeDeskSubject(
  desk: FakeBadgeDesk,
  module = new URL('./integrations.ts', import.meta.url),
): Subject {
  return {
    integration: 'badge-desk',
    module,
    account: ({ name, through }) => ({
      settings: { apiUrl: through(desk.url) },
      secrets: { token: desk.addAccount(name) },
    }),
    effects: (account) => ({ badges: desk.badges(account) }),
    expected: { badges: 1, comments: 1 },
  }
}

if (import.meta.main) {
  const desk = await startFakeBadgeDesk()
  const report = await runCrashMatrix({ subject: () => badgeDeskSubject(desk) })
  await desk.close()
  console.log(tableOf(report.rows))
  console.log(`\n${report.accidents} accidents, ${report.violations.length} promises broken`)
  for (const violation of report.violations) console.log(`- ${violation}`)
  process.exitCode = report.violations.length === 0 ? 0 : 1
}
