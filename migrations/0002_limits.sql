-- Purpose: limits are counted before they are hit, shared by all processes, also where a vendor counts per IP address;
-- circuits of destinations that keep failing.
-- Breaking: yes, for processes of the version before while they run (they pause limits in columns that are gone); stop
-- them first. What the old table held is worth an hour at most. Locks: the table `limits`, for a moment.

drop table limits;

create table limits (
  -- The connection, or `address:…` where the destination counts per IP address over all accounts.
  scope         text not null,
  bucket        text not null,
  connection_id text references connections on delete cascade,
  -- Every change names the version that it is a change of: the second of two at once finds another one.
  version       integer not null,
  budget        jsonb not null,
  -- Nothing may be called before then.
  rests_until   timestamptz,
  updated_at    timestamptz not null default now(),
  primary key (scope, bucket)
);
create index limits_by_connection on limits (connection_id) where connection_id is not null;

-- A row: the destination keeps failing, and the connection leaves it alone but for a probe now and then.
create table circuits (
  connection_id text primary key references connections on delete cascade,
  destination   text not null,
  code          text not null,
  reason        text not null,
  opened_at     timestamptz not null default now(),
  probes        integer not null default 0,
  probe_at      timestamptz not null,
  -- When the last of the runs that wait was told to come back: one after the other, so that there is always a next probe.
  comes_at      timestamptz not null
);
