-- Purpose: tenants, connections, events, runs, their journal and the ledger of effects.
-- Breaking: no (first migration). Locks: none that matter on an empty database.
-- Everything personal or secret is in a column named sealed_…: AES-256-GCM, key id inside the envelope.

create table tenants (
  id                     text primary key,
  slug                   text not null unique,
  api_url                text not null,
  sealed_api_key         bytea not null,
  sealed_signing_secrets bytea not null,
  created_at             timestamptz not null default now(),
  updated_at             timestamptz not null default now()
);

create table connections (
  id             text primary key,
  tenant_id      text not null references tenants on delete cascade,
  integration    text not null,
  enabled        boolean not null,
  settings       jsonb not null,
  sealed_secrets bytea not null,
  -- Set when the destination refused the credentials: no call is made until settings or secrets change.
  paused_code    text,
  paused_reason  text,
  paused_fix     text,
  paused_at      timestamptz,
  created_at     timestamptz not null default now(),
  updated_at     timestamptz not null default now(),
  unique (tenant_id, integration)
);

create table events (
  id               text primary key,
  tenant_id        text not null references tenants on delete cascade,
  name             text,
  subject          text,
  triggered_at     timestamptz,
  -- SHA-256 of tenant, name, subject and triggeredAt; of the body where it could not be read.
  identity         bytea not null,
  origin           text not null default 'webhook',
  -- Which integrations deliveries of this event asked for: {*} all, or names (?integration=…).
  asked            text[] not null,
  sealed_body      bytea not null,
  deliveries       integer not null default 1,
  received_at      timestamptz not null default now(),
  last_delivery_at timestamptz not null default now(),
  unique (tenant_id, identity)
);
create index events_by_tenant on events (tenant_id, id desc);
create index events_by_subject on events (tenant_id, subject);

create table runs (
  id              text primary key,
  tenant_id       text not null references tenants on delete cascade,
  connection_id   text not null references connections on delete cascade,
  event_id        text not null references events on delete cascade,
  integration     text not null,
  subject         text not null,
  -- 0 for the run that a delivery made, 1, 2, … for replays.
  generation      integer not null default 0,
  state           text not null default 'queued'
                  check (state in ('queued', 'running', 'waiting', 'parked', 'done', 'refused', 'cancelled')),
  -- Which job may start this run: a job of an earlier turn finds another number here and does nothing.
  turn            integer not null default 1,
  -- The claim of the worker that is on it. Every write of a worker names its claim; a late worker's matches nothing.
  lease           text,
  worker          text,
  attempt         integer not null default 0,
  failures        integer not null default 0,
  takeovers       integer not null default 0,
  first_failed_at timestamptz,
  next_at         timestamptz,
  waiting_for     text,
  code            text,
  reason          text,
  fix             text,
  lifted_by       text,
  result          jsonb,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  finished_at     timestamptz,
  unique (event_id, connection_id, generation)
);
create index runs_by_tenant on runs (tenant_id, id desc);
create index runs_unfinished on runs (state, connection_id) where state in ('queued', 'running', 'waiting', 'parked');
create index runs_waiting_for on runs (waiting_for) where waiting_for is not null;

-- The journal: what a run has done. A step that stands here is not done again by a later try.
create table steps (
  run_id        text not null references runs on delete cascade,
  title         text not null,
  outcome       text not null,
  remote_id     text,
  attempt       integer not null,
  sealed_output bytea,
  started_at    timestamptz not null,
  finished_at   timestamptz not null,
  primary key (run_id, title)
);

-- What happened to a run, for people: queued, waiting and why, parked and why, resumed by whom.
create table run_history (
  run_id  text not null references runs on delete cascade,
  seq     bigint generated always as identity,
  at      timestamptz not null default now(),
  attempt integer not null,
  state   text not null,
  code    text,
  reason  text,
  primary key (run_id, seq)
);

-- The ledger: one row for each thing that may exist in the outside world because of us, before it is made.
create table effects (
  id            text primary key,
  connection_id text not null references connections on delete cascade,
  kind          text not null,
  key_hash      bytea not null,
  title         text not null,
  state         text not null default 'intended' check (state in ('intended', 'done')),
  -- The run that is on it; other runs wait while that run is unfinished.
  holder_run    text,
  made_by_run   text,
  -- When the last call to make it was sent whose outcome is not known to be "not made".
  attempted_at  timestamptz,
  -- When the destination said that it exists although we could not see it.
  exists_at     timestamptz,
  how           text check (how in ('found', 'created', 'adopted')),
  remote_id     text,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now(),
  unique (connection_id, kind, key_hash)
);
create index effects_by_holder on effects (holder_run);

-- A destination's limit that answered 429: no process calls that bucket before then.
create table limits (
  connection_id text not null references connections on delete cascade,
  bucket        text not null,
  paused_until  timestamptz not null,
  primary key (connection_id, bucket)
);

-- Keys of this installation, made once: the key of keyed hashes must outlive the rotation of ENCRYPTION_KEYS.
create table installation_keys (
  name       text primary key,
  sealed_key bytea not null,
  created_at timestamptz not null default now()
);
