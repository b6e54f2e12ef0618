-- Purpose: sweeps (hires that Pinpoint knows and we never received) and replays of many events at once.
-- Breaking: no, every new column has a default. Locks: tenants, connections and runs for the moment of adding columns.

-- How often a tenant is swept, null: never; and how far each sweep looks back.
alter table tenants
  add column sweep_every_seconds     integer default 21600,
  add column sweep_look_back_seconds integer not null default 259200;

-- Since when it has been enabled without a break. A sweep takes no hire from before that unless told to.
alter table connections add column enabled_since timestamptz not null default now();
update connections set enabled_since = created_at;

create table sweeps (
  id            text primary key,
  tenant_id     text not null references tenants on delete cascade,
  cause         text not null check (cause in ('schedule', 'person')),
  state         text not null default 'queued' check (state in ('queued', 'running', 'waiting', 'done', 'failed')),
  -- Hires from this moment on; `any_age`: also those from before their connection was enabled.
  since         timestamptz not null,
  any_age       boolean not null,
  -- Hires without a moment of their own are taken as well.
  undated       boolean not null,
  -- The cursor: what was updated after this moment, and which page of that comes next.
  updated_after timestamptz not null,
  page          integer not null default 1,
  -- What was found so far, committed together with the cursor.
  seen          integer not null default 0,
  missing       integer not null default 0,
  runs          integer not null default 0,
  fresh         integer not null default 0,
  older         integer not null default 0,
  without_date  integer not null default 0,
  -- The claim of the process that is on it: every later write of that process names it.
  lease         text,
  worker        text,
  lease_until   timestamptz,
  next_at       timestamptz not null default now(),
  failures      integer not null default 0,
  code          text,
  reason        text,
  fix           text,
  created_at    timestamptz not null default now(),
  finished_at   timestamptz
);
create index sweeps_by_tenant on sweeps (tenant_id, created_at desc);
-- One at a time for each tenant, over all processes.
create unique index sweeps_under_way on sweeps (tenant_id) where state in ('queued', 'running', 'waiting');

-- Many events run again as one thing, which can be cancelled as one thing.
create table replays (
  id           text primary key,
  tenant_id    text not null references tenants on delete cascade,
  since        timestamptz not null,
  states       text[] not null,
  integration  text,
  -- Starts in an hour.
  per_hour     integer not null,
  total        integer not null default 0,
  created_at   timestamptz not null default now(),
  cancelled_at timestamptz
);
create index replays_by_tenant on replays (tenant_id, created_at desc);

alter table runs add column replay_id text references replays on delete set null;
create index runs_by_replay on runs (replay_id) where replay_id is not null;

-- Replays and previews choose events by the moment they reached us.
create index events_by_arrival on events (tenant_id, received_at);
