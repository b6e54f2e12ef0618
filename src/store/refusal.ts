/** A database that answers and will not have us: whoever set DATABASE_URL must mend that, no later try will. */
import pg from 'pg'

import { NeedsPerson } from '../base/failure.ts'

/** https://www.postgresql.org/docs/18/errcodes-appendix.html */
const refusals: readonly (readonly [sqlState: RegExp, message: string, fix: string])[] = [
  [/^28/, 'The database refuses the user or the password of DATABASE_URL.', 'Correct DATABASE_URL.'],
  [
    /^3D000$/,
    'The server has no database of the name in DATABASE_URL.',
    'Create it, or correct DATABASE_URL.',
  ],
  [
    /^42501$/,
    'The user of DATABASE_URL may not do this in the database.',
    'Make that user the owner of the database, or grant it what is missing.',
  ],
]

/** Undefined: the error tells of something else. */
export function refusalOf(error: unknown): NeedsPerson | undefined {
  if (!(error instanceof pg.DatabaseError)) return undefined
  const { code = '' } = error
  const [, message, fix] = refusals.find(([sqlState]) => sqlState.test(code)) ?? []
  if (message === undefined || fix === undefined) return undefined
  return new NeedsPerson('store.database_refused', message, {
    fix,
    details: { sqlState: code },
    cause: error,
  })
}
