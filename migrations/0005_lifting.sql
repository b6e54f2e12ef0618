-- Purpose: parked runs that mend themselves (what is looked at, when, and a fingerprint of how it was), a delay between hired
-- and acting, and whether a comment tells of a parked run.
-- Breaking: no, every new column has a default. Locks: connections for the moment of adding columns, runs
-- against writes while the index is made.

-- What is read again for a run, from time to time or because an event said so. A row counts only while its run is still in the
-- turn that it names: whatever moves the run on outdates it.
create table looks (
  run_id      text not null references runs on delete cascade,
  -- record: the application in Pinpoint; destination: a list there; hired: is the application still in a hired stage?
  what        text not null check (what in ('record', 'destination', 'hired')),
  -- Which look of the integration, for a destination.
  name        text not null default '',
  tenant_id   text not null references tenants on delete cascade,
  application text not null,
  turn        integer not null,
  -- HMAC of what was read, keyed with this installation's key: tells that something is different, never what it is.
  fingerprint bytea,
  -- Why the run is parked: the pace slows down over repeated parks for one reason, too.
  park_code   text,
  since       timestamptz not null default now(),
  looks       integer not null default 0,
  looked_at   timestamptz,
  -- Also the claim: a process moves it on before it looks, and another one takes over when that moment passes.
  next_at     timestamptz not null,
  -- An event about the application came: before those that only their time has come for.
  signalled   boolean not null default false,
  -- Why the last look failed.
  code        text,
  primary key (run_id, what)
);
create index looks_due on looks (next_at);
create index looks_by_application on looks (tenant_id, application);

alter table connections
  -- Between hired and acting.
  add column delay_seconds       integer not null default 0 check (delay_seconds >= 0),
  add column comment_when_parked boolean not null default false;

-- An event about an application is about its runs.
create index runs_by_subject on runs (tenant_id, subject);
