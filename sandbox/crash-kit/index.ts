/** The crash kit's published face. Guide: docs/guides/test-your-integration.md */
export { type MatrixPostgres, openPostgres } from './postgres.ts'
export type { Accident, LevelReport as RungReport } from './report.ts'
export { type Row, type Level as Rung, levels as rungs } from './rows.ts'
export { type MatrixReport, runCrashMatrix } from './run-matrix.ts'
export { type CrashRequest, rowsOfSubject, runLevel as runRung } from './run-rung.ts'
export type { Account, AccountRequest, Arranged, Counts, Scenario, Subject } from './subject.ts'
export { sweepScenarios } from './sweep-scenarios.ts'
export { type Column, columnOf, columnOnPage, tableOf } from './table.ts'
