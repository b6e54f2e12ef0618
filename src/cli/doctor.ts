/** `doctor` */
import { describeConfig } from '../config/describe.ts'
import { existingEncryptionKeys } from '../config/encryption-keys.ts'
import { doctor as lookOver } from '../store/doctor.ts'
import type { Command } from './command.ts'
import { exitCodes } from './exit-code.ts'
import { withDatabase } from './with-store.ts'

export const doctor: Command = {
  name: 'doctor',
  summary: 'Look over configuration and database, and say what is wrong and what mends it',
  details: 'Changes nothing; safe beside a running service.',
  examples: ['doctor', 'doctor --json'],
  prints: 'data',
  run: (context) =>
    withDatabase(context, async (database) => {
      const findings = await lookOver(database, await existingEncryptionKeys(context.config()))
      const config = describeConfig(context.config())
      const ok = findings.every((finding) => finding.ok)
      const lines = findings.map(({ ok: fine, warning, what, because, repair }) => {
        const mend = repair === undefined ? '' : `\n        ${repair.replaceAll('\n', '\n        ')}`
        const sign = fine ? (warning === true ? 'warn' : 'ok  ') : 'FAIL'
        return `${sign}  ${what}: ${because}${mend}`
      })
      return {
        data: { ok, config, findings: findings.map((finding) => ({ ...finding })) },
        text: [
          ...Object.entries(config).map(([name, value]) => `${name}: ${String(value)}`),
          '',
          ...lines,
        ].join('\n'),
        exitCode: ok ? exitCodes.ok.code : exitCodes.needsPerson.code,
      }
    }),
}
