/** The crash kit's published face. Guide: docs/guides/test-your-integration.md */
export { type CrashRequest, runRung } from './run-rung.ts'
export type { Accident, RungReport } from './report.ts'
export { type Row, type Rung, rungs } from './rows.ts'
export type { Account, AccountRequest, Arranged, Counts, Scenario, Subject } from './subject.ts'
