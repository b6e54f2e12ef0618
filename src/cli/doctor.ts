/** `doctor` */
import { findings } from '../app/operator.ts'
import { describeConfig } from '../config/describe.ts'
import type { Config } from '../config/environment.ts'
import type { Finding } from '../doctor/finding.ts'
import { existingEncryptionKeys } from '../keys/encryption-keys.ts'
import type { Command } from './command.ts'
import { exitCodes } from './exit-code.ts'
import { withDatabaseToRead } from './with-store.ts'

export const doctor: Command = {
  name: 'doctor',
  summary: 'Look over configuration and database, and say what is wrong and what mends it',
  details:
    'Changes nothing; safe beside a running service. Exit code 2 when a line says FAIL. Parked runs are a `warn`: they wait for a person, ' +
    'and the installation works.',
  examples: ['doctor', 'doctor --json'],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withDatabaseToRead(context, async (database) => {
      const given = context.config()
      const found = [
        ...(await findings(database, await existingEncryptionKeys(given))),
        ...privateNetwork(given),
      ]
      const config = describeConfig(given)
      const ok = found.every((finding) => finding.ok)
      const lines = found.map(({ ok: fine, warning, what, because, repair }) => {
        const mend = repair === undefined ? '' : `\n        ${repair.replaceAll('\n', '\n        ')}`
        const sign = fine ? (warning === true ? 'warn' : 'ok  ') : 'FAIL'
        return `${sign}  ${what}: ${because}${mend}`
      })
      return {
        data: { ok, config, findings: found.map((finding) => ({ ...finding })) },
        text: [
          ...Object.entries(config).map(([name, value]) => `${name}: ${String(value)}`),
          '',
          ...lines,
        ].join('\n'),
        exitCode: ok ? exitCodes.ok.code : exitCodes.needsPerson.code,
      }
    }),
}

function privateNetwork({ allowPrivateNetwork }: Config): readonly Finding[] {
  if (!allowPrivateNetwork) return []
  const because =
    'DANGEROUS_ALLOW_PRIVATE_NETWORK is on: whoever may edit a tenant, or a link in Pinpoint, can reach into this network. ' +
    'It is for sandboxes; in production name what may be called in ALLOW_PRIVATE_DESTINATIONS.'
  return [{ ok: true, warning: true, what: 'Private network', because }]
}
