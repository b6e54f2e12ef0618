-- Purpose: what answers of the outside mean: whose record it is, looking again, an end to every wait.
-- Breaking: no: columns and tables that a process of the version before does not read. Locks: each table for an instant.
-- What answers of the outside mean: whose record it is, looking again, an end to every wait.
-- Not breaking: columns and tables that older code does not read. Locks: each table for an instant.

-- What a run waits or last waited for (WaitKind in src/base/failure.ts), so that no code of a failure has to be spelled out.
alter table runs add column waited_for text;
