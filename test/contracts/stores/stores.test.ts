/** One contract, two worlds: what the simulation takes for the database behaves as the database does. */
import { describe } from 'vitest'

import { changedKeysSuite } from './changed-keys-suite.ts'
import { deliveriesSuite } from './deliveries-suite.ts'
import { followUpsSuite } from './follow-ups-suite.ts'
import { hiresSuite } from './hires-suite.ts'
import { ledgerSuite } from './ledger-suite.ts'
import { limitsSuite } from './limits-suite.ts'
import { openMemoryStores } from './open-memory.ts'
import { openPostgresStores } from './open-postgres.ts'
import { queueSuite } from './queue-suite.ts'
import { quotasSuite } from './quotas-suite.ts'
import { deskSuite } from './run-admin-suite.ts'
import { runsSuite } from './runs-suite.ts'
import { tenantsSuite } from './tenants-suite.ts'

describe.each([
  ['Postgres', openPostgresStores],
  ['memory', openMemoryStores],
])('in %s', (_where, open) => {
  describe('a delivery', () => deliveriesSuite(open))
  describe('a tenant over its quota', () => quotasSuite(open))
  describe('the queue', () => queueSuite(open))
  describe('a run', () => runsSuite(open))
  describe('a follow-up', () => followUpsSuite(open))
  describe('a person who was hired', () => hiresSuite(open))
  describe('the ledger', () => ledgerSuite(open))
  describe('the ledger, of an application whose key has changed', () => changedKeysSuite(open))
  describe('the runAdmin', () => deskSuite(open))
  describe('tenants and connections', () => tenantsSuite(open))
  describe('limits and circuits', () => limitsSuite(open))
})
