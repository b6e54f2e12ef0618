/** What a HiBob connection is told: validator, form, docs and defaults in one. */
import { z } from 'zod'

import { httpAddress, secret } from '../../sdk/index.ts'

const name = z.string().trim().min(1)

export const settings = z.strictObject({
  site: name
    .optional()
    .describe(
      'The HiBob site of every hire whose Pinpoint location is not in `sites`, spelled as HiBob spells it',
    ),
  sites: z
    .record(name, name)
    .default({})
    .describe(
      'Pinpoint location → HiBob site. Without an entry: `site`; without that: the location’s own name',
    ),
  documents: z
    .string()
    .regex(
      /^(shared|confidential|\d+)$/,
      'must be shared, confidential or the number of a custom folder, in quotes',
    )
    .optional()
    .describe(
      'Where the CV goes: `confidential`, `shared` (the employee sees it), or the id of a custom folder in quotes. Default: ' +
        '`confidential`; connections of before 0.2.0 keep `shared`',
    ),
  cvUpload: z
    .enum(['file', 'url'])
    .default('file')
    .describe(
      '`file`: we send the CV. `url`: HiBob fetches it from Pinpoint by its link, once we have looked at it',
    ),
  startDateRule: z
    .union([
      z.literal('park'),
      z.strictObject({
        daysAfterHire: z.int().min(0).max(365).describe('Days from the day of hire to the first working day'),
      }),
    ])
    .default('park')
    .describe(
      'When neither the accepted offer nor the application has a start date: `park` the run, or a rule',
    ),
  maxCvBytes: z
    .int()
    .positive()
    .optional()
    .describe('The largest CV, in bytes, that is uploaded. Default: 5 MiB, in a custom folder 1 MiB'),
  readLagSeconds: z
    .int()
    .min(0)
    .max(600)
    .default(20)
    .describe('For how many seconds a search may miss a new employee. HiBob documents 20'),
  apiUrl: httpAddress
    .default('https://api.hibob.com/v1')
    .describe('HiBob’s API. For a sandbox account: https://api.sandbox.hibob.com/v1'),
})

export const secrets = z.strictObject({
  serviceUserId: secret('Id of the HiBob service user, such as SERVICE-12345'),
  serviceUserToken: secret('Token of the HiBob service user'),
})

export type Settings = z.output<typeof settings>

/** HiBob's own integrations with other applicant systems use `confidential`, too: a recruiter may have written on the CV. */
export function folderForCvs({ documents = 'confidential' }: Pick<Settings, 'documents'>): string {
  return documents
}

/** Undefined: one of the folders that every company has. */
export function customFolder(settings: Pick<Settings, 'documents'>): string | undefined {
  const folder = folderForCvs(settings)
  return folder === 'shared' || folder === 'confidential' ? undefined : folder
}
export type Secrets = z.output<typeof secrets>
