-- Purpose: what answers of the outside mean: whose record it is, looking again, an end to every wait.
-- Breaking: no: columns and tables that a process of the version before does not read. Locks: each table for an instant.

-- What a run waits or last waited for (WaitKind in src/base/failure.ts), so that no code of a failure has to be spelled out.
alter table runs add column waited_for text;

-- When a person or a change resumed the run last: what effects were counted before then is forgotten.
alter table runs add column resumed_at timestamptz;
-- The lease that settled the run last, so that a settlement whose answer was lost is known when it is repeated.
alter table runs add column settled_by text;
-- The run whose settlement paused the connection.
alter table connections add column paused_by text;
-- How often the effect was made without a clear no, since when that is counted, and why the last time failed.
alter table effects add column makes integer not null default 0, add column makes_since timestamptz,
  add column failure_code text, add column failure_reason text;
-- True when calls that make something failed: reads that are answered well do not close such a circuit.
alter table circuits add column of_effects boolean not null default false;
-- Where the tenant's days begin (IANA, such as Europe/Berlin), for rules that count days. Null: days as Pinpoint writes them.
alter table tenants add column time_zone text;

-- For which application what stands here was made or found, and when; null in rows of before, whose run tells it while it is kept.
-- What another application made is read again by its id.
alter table effects add column made_for text, add column made_at timestamptz;
-- What a person has decided of a parked run: which record is the hire's, or that a new one is made; who, when and why. It counts for
-- what the ledger held when the run parked.
alter table runs add column decision jsonb, add column decision_before timestamptz;
-- Set on a follow-up, which looks for what an earlier run of the event went without: when that one ended.
alter table runs add column follow_up_since timestamptz;
-- A hire that the API showed too late, and trials with demo data.

-- Applications that Pinpoint marks as demo data count as hired in whatever stage they are.
alter table tenants add column demo_hires boolean not null default false;

-- Started again by a sweep: its run before had ended before Pinpoint showed the application as hired.
alter table runs add column by_sweep boolean not null default false;

alter table sweeps
  -- Hires started again, and those left since that was done often enough.
  add column restarted integer not null default 0,
  add column exhausted integer not null default 0;
