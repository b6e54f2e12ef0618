/** Writes docs/reference/crash-matrix.md. Plays each scenario once without any accident, on a PostgreSQL of its own. */
import { writeFile } from 'node:fs/promises'

import { openPostgres, type Row, rowsOfSubject } from '../sandbox/crash-kit/index.ts'
import { crashSubjects } from '../test/support/crash-subjects.ts'
import { crashMatrixPage, crashMatrixPath } from './crash-matrix-page.ts'

const postgres = await openPostgres()
try {
  const rows = new Map<string, readonly Row[]>()
  for (const [name, subject] of crashSubjects) {
    rows.set(name, await rowsOfSubject({ subject, databaseUrl: await postgres.create() }))
  }
  await writeFile(new URL(`../${crashMatrixPath}`, import.meta.url), crashMatrixPage(rows))
  console.log(`wrote ${crashMatrixPath}`)
} finally {
  await postgres.close()
}
