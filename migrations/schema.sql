-- The whole schema, for a database that has none yet. As of 0020_steps_by_record.
-- A database that has one is brought here by the numbered migrations; a test compares the two. Rooms are those of src/.
-- Everything personal or secret is in a column named sealed_…: AES-256-GCM, key id inside the envelope.

-- ---------------------------------------------------------------------------------------------------------------- tenants

create table tenants (
  id                      text primary key,
  slug                    text not null unique,
  api_url                 text not null,
  -- Bound to the tenant and the URL that it is sent to.
  sealed_api_key          bytea not null,
  sealed_signing_secrets  bytea not null,
  -- Null: never swept.
  sweep_every_seconds     integer default 21600,
  sweep_look_back_seconds integer not null default 259200,
  -- How long finished work is kept, null: for ever.
  keep_finished_seconds   integer default 34560000,
  -- Where the tenant's days begin (IANA, such as Europe/Berlin), for rules that count days. Null: days as Pinpoint writes them.
  time_zone               text,
  -- Applications that Pinpoint marks as demo data count as hired in whatever stage they are.
  demo_hires              boolean not null default false,
  created_at              timestamptz not null default now(),
  updated_at              timestamptz not null default now(),
  -- What the tenant's Pinpoint refuses to send along with an application (its job, its comments): it is not asked for again for a month.
  refused_extras          text[] not null default '{}',
  refused_extras_at       timestamptz
);

create table connections (
  id                  text primary key,
  tenant_id           text not null references tenants on delete cascade,
  integration         text not null,
  enabled             boolean not null,
  -- Since when it has been enabled without a break. A sweep takes no hire from before that unless told to.
  enabled_since       timestamptz not null default now(),
  settings            jsonb not null,
  sealed_secrets      bytea not null,
  -- Between the hire and the first attempt.
  delay_seconds       integer not null default 0 check (delay_seconds >= 0),
  comment_when_parked boolean not null default false,
  -- Set when the destination refused the credentials: no call is made until settings or secrets change.
  paused_code         text,
  paused_reason       text,
  paused_fix          text,
  paused_at           timestamptz,
  -- The run whose settlement paused it.
  paused_by           text,
  -- Goes up whenever something has changed that a run may be parked for, or a pause has ended. A parked run stores the one that it
  -- has seen, and resumes when that is another one by now; so does what waits for a circuit.
  revision            integer not null default 0,
  created_at          timestamptz not null default now(),
  updated_at          timestamptz not null default now(),
  -- Which field of the destination gets which value, as written in the file. Null: the integration does what it does by itself.
  mapping             jsonb,
  -- Goes up with every change of the mapping. 0: there has never been one.
  mapping_version     integer not null default 0,
  -- The template of the comment on an application, as written in the file. Null: the sentence that names the record, and nothing else.
  comment             text,
  -- Where in Pinpoint the id of a record is written. Null: nowhere.
  write_back          text,
  unique (tenant_id, integration),
  constraint texts_are_bounded check (char_length(paused_reason) <= 4000 and char_length(paused_fix) <= 4000)
);

-- Every mapping that a connection has had; runs name the version that they worked with.
create table mapping_versions (
  connection_id text not null references connections on delete cascade,
  version       integer not null,
  -- Null: it was removed.
  mapping       jsonb,
  at            timestamptz not null default now(),
  -- Who has applied it, as the machine knew them.
  actor         text not null,
  primary key (connection_id, version)
);

-- ----------------------------------------------------------------------------------------------------------------- intake

create table events (
  id               text primary key,
  tenant_id        text not null references tenants on delete cascade,
  name             text,
  subject          text,
  triggered_at     timestamptz,
  -- Keyed hash of tenant, name, subject and triggeredAt; of the body where it could not be read.
  identity         bytea not null,
  origin           text not null default 'webhook',
  -- Which integrations deliveries of this event asked for: {*} all, or names (?integration=…).
  asked            text[] not null,
  sealed_body      bytea not null,
  deliveries       integer not null default 1,
  received_at      timestamptz not null default now(),
  last_delivery_at timestamptz not null default now(),
  unique (tenant_id, identity)
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);
create index events_by_subject on events (tenant_id, subject);
create index events_by_received_at on events (tenant_id, received_at);
-- A webhook asks whether a sweep has found its hire before: there are few such events, whatever the number of all.
create index events_found_by_sweep on events (tenant_id, subject) where origin = 'sweep';

-- What remains of an event that was pruned: its identity, by which the same signed body is known again. It starts nothing.
create table tombstones (
  tenant_id text not null references tenants on delete cascade,
  identity  bytea not null,
  primary key (tenant_id, identity)
);

-- Acknowledged events that are not dispatched yet. Without foreign key: the row is written with its event, and what is gone
-- starts nothing. As many rows go as come.
create table inbox (
  event_id    text primary key,
  -- Later than it came: it could not be dispatched, and is tried again then.
  next_at     timestamptz not null default now(),
  -- For which integrations: a later delivery of an event that is known may ask for more.
  dispatch_to text[] not null,
  arrived_at  timestamptz not null default now(),
  -- Its runs are made and parked: the event had happened long before it came.
  stale       boolean not null default false,
  -- It was deferred, and there is room for it.
  released    boolean not null default false
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_analyze_scale_factor = 0,
  autovacuum_analyze_threshold = 1000000);

-- Stores those of the events that are new, and answers these, each with how many runs are about to start. One call is one
-- transaction and one round trip. A function and not one statement with parts, since what a sweep has committed is only seen by a
-- statement that starts after the locks are taken.
create function store_events(
  ids text[], tenants text[], names text[], subjects text[], triggered timestamptz[], identities bytea[], asked text[], bodies bytea[],
  deliveries int[], origins text[], dispatch_to text[], stale boolean[]
) returns table (event_id text, runs int) language plpgsql as $$
#variable_conflict use_column
declare
  fresh text[];
begin
  -- The locks of lockSubjects in src/intake/store/store-events.ts.
  perform pg_advisory_xact_lock_shared(key) from (
    select distinct hashtextextended(tenant || ' ' || subject, 0) as key from unnest($2, $4) as about (tenant, subject)
    where subject is not null order by key
  ) as keys;
  with given as (
    select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) as given (
      id, tenant_id, name, subject, triggered_at, identity, asked, sealed_body, deliveries, origin)
  ), stored as (
    insert into events (id, tenant_id, name, subject, triggered_at, identity, asked, sealed_body, deliveries, origin)
    select id, tenant_id, name, subject, triggered_at, identity, string_to_array(asked, ','), sealed_body, deliveries, origin
    from given
    -- A webhook that was sent before a sweep found that very hire says nothing new: the sweep's run reads the application later
    -- than that.
    where not exists (
      select from events where events.origin = 'sweep' and events.tenant_id = given.tenant_id and events.subject = given.subject
        and events.name = given.name and events.received_at >= given.triggered_at and given.origin <> 'sweep'
      -- Looked up for each of them.
      offset 0
    )
    order by tenant_id, identity
    on conflict (tenant_id, identity) do nothing
    returning id
  )
  select array_agg(id) from stored into fresh;
  -- Looked up after the insert, which may have waited for the very transaction that prunes the event.
  delete from events where id = any (fresh) and exists (
    select from tombstones where tombstones.tenant_id = events.tenant_id and tombstones.identity = events.identity offset 0
  );
  return query
  with stored as (
    select events.id, events.tenant_id, events.subject, string_to_array(given.dispatch_to, ',') as dispatch_to, given.stale
    from unnest($1, $11, $12) as given (id, dispatch_to, stale) join events on events.id = given.id
    where given.id = any (fresh)
  ), received as (
    insert into inbox (event_id, stale, dispatch_to) select id, stale, dispatch_to from stored where subject is not null
  )
  select stored.id, (
    select count(*)::int from connections
    where connections.tenant_id = stored.tenant_id and connections.enabled and connections.integration = any (stored.dispatch_to)
  )
  from stored;
end
$$;

-- --------------------------------------------------------------------------------------------------------------- dispatch

-- Tenants over their quota. Their events that are not dispatched yet are put aside, where nobody else has to pass by them.
create table over_quota (
  tenant_id  text primary key references tenants on delete cascade,
  quota      text not null check (quota in ('events', 'runs')),
  since      timestamptz not null default now(),
  -- When runs start again as far as the clock decides it; null where runs must end first.
  until      timestamptz,
  -- When it was checked last whether there is room again.
  checked_at timestamptz not null default now()
);

-- Acknowledged events of theirs: not in the inbox until there is room again. Without foreign key to the event, as there.
create table deferred (
  tenant_id   text not null references tenants on delete cascade,
  event_id    text not null,
  stale       boolean not null,
  dispatch_to text[] not null,
  primary key (tenant_id, event_id, stale)
);

-- ------------------------------------------------------------------------------------------------------------------ hires

-- Written as an attempt is settled that has read the application, and deleted with the last event about it.
create table hires (
  tenant_id      text not null references tenants on delete cascade,
  application    text not null,
  sealed_details bytea not null,
  -- HMAC of what is sealed, keyed with this installation's key: a later read that brings nothing new writes nothing.
  content_hash   bytea not null,
  -- HMACs of the folded e-mail, as in the ledger, and of each part of the names: how a person is found.
  email_hash     bytea,
  name_hashes    bytea[] not null,
  -- When the attempt read it. What an earlier one has read replaces nothing.
  read_at        timestamptz not null,
  primary key (tenant_id, application)
);
create index hires_by_email on hires (email_hash) where email_hash is not null;
create index hires_by_name on hires using gin (name_hashes) with (fastupdate = off);

-- ------------------------------------------------------------------------------------------------------------------- runs

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

create table runs (
  id                  text primary key,
  tenant_id           text not null references tenants on delete cascade,
  connection_id       text not null references connections on delete cascade,
  event_id            text not null references events on delete cascade,
  replay_id           text references replays on delete set null,
  integration         text not null,
  subject             text not null,
  -- 0 for the run that a delivery made, 1, 2, … for replays.
  generation          integer not null default 0,
  state               text not null default 'queued'
                      check (state in ('queued', 'running', 'waiting', 'parked', 'done', 'refused', 'cancelled')),
  -- Which job may start this run: a job of an earlier turn finds another number here and does nothing.
  turn                integer not null default 1,
  -- The claim of the worker that is on it. Every write of a worker names its claim; a late worker's matches nothing.
  lease               text,
  worker              text,
  -- The lease that settled the run last, so that a settlement whose answer was lost is known when it is repeated.
  settled_by          text,
  -- Which attempts take a worker down. `alone`: no other run is at work in its process. `let_go`: its worker has stopped in an
  -- orderly way.
  held                text check (held in ('alone', 'let_go')),
  attempt             integer not null default 0,
  failures            integer not null default 0,
  takeovers           integer not null default 0,
  first_failed_at     timestamptz,
  next_at             timestamptz,
  -- The circuit, limit or run that it waits for, and what kind of wait that is (WaitKind in src/base/failure.ts).
  waiting_for         text,
  waited_for          text,
  code                text,
  reason              text,
  fix                 text,
  resumes_on          text,
  -- The revision of its connection that it has seen as it parked.
  connection_revision integer,
  -- When a person or a change resumed the run last: what effects were counted before then is forgotten.
  resumed_at          timestamptz,
  -- What a person has decided of a parked run: which record is the hire's, or that a new one is made; who, when and why. It counts
  -- for what the ledger held when the run parked.
  decision            jsonb,
  decision_before     timestamptz,
  -- Set on a follow-up, which looks for what an earlier run of the event went without: when that one ended.
  follow_up_since     timestamptz,
  -- Started again by a sweep: its run before had ended before Pinpoint showed the application as hired.
  by_sweep            boolean not null default false,
  result              jsonb,
  created_at          timestamptz not null default now(),
  updated_at          timestamptz not null default now(),
  finished_at         timestamptz,
  -- An index that names the state itself would be written anew, and with it all others of the table, with each change of it.
  ended_as            text generated always as (case when finished_at is not null then state end) stored,
  -- The version of the connection's mapping that the last attempt worked with. Null: there was none.
  mapping_version     integer,
  unique (event_id, connection_id, generation),
  constraint runs_finished_at check ((finished_at is null) = (state in ('queued', 'running', 'waiting', 'parked'))),
  constraint texts_are_bounded check (char_length(reason) <= 4000 and char_length(fix) <= 4000)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.05,
  autovacuum_analyze_scale_factor = 0.02);
create index runs_open on runs (connection_id) where finished_at is null;
create index runs_by_creation on runs (tenant_id, created_at);
create index runs_by_subject on runs (tenant_id, subject);
-- Only these two: of runs that are done a list finds enough among the newest.
create index runs_rare on runs (tenant_id, ended_as, created_at) where ended_as in ('refused', 'cancelled');
create index runs_waiting_for on runs (waiting_for) where waiting_for is not null;
create index runs_by_replay on runs (replay_id) where replay_id is not null;
create index runs_by_connection_revision on runs (connection_id, connection_revision) where connection_revision is not null;

-- The journal: what a run has done. A step that stands here is not done again by a later attempt.
create table steps (
  run_id        text not null references runs on delete cascade,
  title         text not null,
  outcome       text not null,
  remote_id     text,
  attempt       integer not null,
  sealed_output bytea,
  started_at    timestamptz not null,
  finished_at   timestamptz not null,
  -- Of an effect that was made: the version of the mapping with which it was announced.
  mapping_version integer,
  primary key (run_id, title)
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);
-- Of the ids that a person may ask for; nothing else is in it, and nothing too long for an index.
create index steps_by_record on steps (remote_id) where remote_id ~ '^[0-9]{1,60}$';

-- What happened to a run, for people: queued, waiting and why, parked and why, resumed by whom.
create table run_history (
  run_id  text not null references runs on delete cascade,
  seq     bigint generated always as identity,
  at      timestamptz not null default now(),
  attempt integer not null,
  state   text not null,
  code    text,
  reason  text,
  -- Of the attempt that this line ends, by destination. Null: not counted.
  calls   jsonb,
  primary key (run_id, seq),
  constraint texts_are_bounded check (char_length(reason) <= 4000)
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);

-- ---------------------------------------------------------------------------------------------------------------- effects

-- The ledger: one row for each thing that may exist in the outside world because of us, before it is made.
create table effects (
  id             text primary key,
  connection_id  text not null references connections on delete cascade,
  kind           text not null,
  key_hash       bytea not null,
  title          text not null,
  state          text not null default 'intended' check (state in ('intended', 'done')),
  -- The run that is on it; other runs wait while that run is unfinished.
  holder_run     text,
  made_by_run    text,
  -- For which application it is made or was found, where that has one of this kind at most; and when that was. What another application
  -- made is read again by its id.
  made_for       text,
  made_at        timestamptz,
  -- When the last call to make it was sent whose outcome is not known to be "not made".
  attempted_at   timestamptz,
  -- How often it was made without a clear no, since when that is counted, and why the last time failed.
  makes          integer not null default 0,
  makes_since    timestamptz,
  failure_code   text,
  failure_reason text,
  -- When the destination said that it exists although we could not see it.
  exists_at      timestamptz,
  how            text check (how in ('found', 'created', 'adopted')),
  remote_id      text,
  created_at     timestamptz not null default now(),
  updated_at     timestamptz not null default now(),
  -- The version of the connection's mapping with which it was announced. Null: there was none, or it was not made by us.
  mapping_version integer,
  unique (connection_id, kind, key_hash),
  constraint texts_are_bounded check (char_length(failure_reason) <= 4000)
) with (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.05,
  autovacuum_analyze_scale_factor = 0.02);
-- What an application has under another key than its present one. Named are only columns that do not change later: 0026 says why.
create index effects_of_application on effects (connection_id, made_for) where made_for is not null;

-- The one that counts, unless what has the present key is done: what another run is about to make, else the last that was made or may have
-- been. Of two runs that ask at once the second sees the first's row, since each statement of a function looks afresh.
create function effect_of_application(of_connection text, of_kind text, application text, other_than bytea, run text)
returns table (busy_run text, elsewhere_id text, elsewhere_how text, elsewhere_at float8, elsewhere_ago float8) language plpgsql strict as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(of_connection || ' ' || of_kind || ' ' || application, 0));
  return query
  select busy.id, effects.remote_id, effects.how, extract(epoch from since.at)::float8, extract(epoch from clock_timestamp() - since.at)::float8
  from effects
  cross join lateral (select case effects.state when 'done' then effects.made_at else effects.attempted_at end as at) as since
  left join runs as busy on busy.id = effects.holder_run and busy.id <> run and busy.state in ('queued', 'running', 'waiting')
    and effects.state = 'intended'
  where effects.connection_id = of_connection and effects.made_for = application and effects.kind = of_kind and effects.key_hash <> other_than
    and (busy.id is not null or since.at is not null) and not exists (
      select from effects as own where own.connection_id = of_connection and own.kind = of_kind and own.key_hash = other_than and own.state = 'done')
  order by busy.id is null, since.at desc limit 1;
end
$$;

-- ----------------------------------------------------------------------------------------------------------------- limits

create table limits (
  -- The connection, the tenant, or `address:…` where the destination counts per IP address over all accounts.
  scope           text not null,
  bucket          text not null,
  connection_id   text references connections on delete cascade,
  tenant_id       text references tenants on delete cascade,
  -- Every change names the version that it is a change of: the second of two at once finds another one.
  version         integer not null,
  budget          jsonb not null,
  -- Nothing may be called before then.
  exhausted_until timestamptz,
  updated_at      timestamptz not null default now(),
  primary key (scope, bucket)
);
create index limits_by_connection on limits (connection_id) where connection_id is not null;
create index limits_by_tenant on limits (tenant_id) where tenant_id is not null;

-- A row: the destination keeps failing, and no call but a periodic probe is made for the connection.
create table circuits (
  connection_id       text primary key references connections on delete cascade,
  connection_revision integer not null default 0,
  destination         text not null,
  code                text not null,
  reason              text not null,
  -- True when calls that make something failed: reads that are answered well do not close such a circuit.
  of_effects          boolean not null default false,
  opened_at           timestamptz not null default now(),
  probes              integer not null default 0,
  probe_at            timestamptz not null,
  -- When the last of the runs that wait was told to come back: one after the other, so that there is always a next probe.
  next_caller_at      timestamptz not null,
  constraint texts_are_bounded check (char_length(reason) <= 4000)
);

-- ---------------------------------------------------------------------------------------------------------------- parking

-- What is read again for a run, from time to time or because an event said so. A row counts only while its run is still in the
-- turn that it names: whatever moves the run on outdates it.
create table rechecks (
  run_id      text not null references runs on delete cascade,
  -- record: the application in Pinpoint; destination: a list there; hired: is the application still in a hired stage?
  what        text not null check (what in ('record', 'destination', 'hired')),
  -- Which recheck of the integration, for a destination.
  name        text not null default '',
  tenant_id   text not null references tenants on delete cascade,
  application text not null,
  turn        integer not null,
  -- HMAC of what was read, keyed with this installation's key: tells that something is different, never what it is.
  fingerprint bytea,
  -- Why the run is parked: the pace slows down over repeated parks for one reason, too.
  park_code   text,
  since       timestamptz not null default now(),
  times       integer not null default 0,
  checked_at  timestamptz,
  -- Also the claim: a process moves it on before it reads, and another one takes over when that moment passes.
  next_at     timestamptz not null,
  -- An event about the application came: before those that only their time has come for.
  signalled   boolean not null default false,
  -- Why the last recheck failed.
  code        text,
  primary key (run_id, what)
);
create index rechecks_due on rechecks (next_at);
create index rechecks_by_application on rechecks (tenant_id, application);

-- ----------------------------------------------------------------------------------------------------------------- sweeps

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
  -- A person has said that it may take up very many.
  confirmed     boolean not null default false,
  -- The cursor: what was updated after this moment, and which page of that comes next.
  updated_after timestamptz not null,
  page          integer not null default 1,
  -- How many pages it has read: one without end takes turns with the others.
  pages         integer not null default 0,
  -- What was found so far, committed together with the cursor.
  seen          integer not null default 0,
  missing       integer not null default 0,
  runs          integer not null default 0,
  fresh         integer not null default 0,
  older         integer not null default 0,
  without_date  integer not null default 0,
  -- Hires started again, and those left since that was done often enough.
  restarted     integer not null default 0,
  exhausted     integer not null default 0,
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
  finished_at   timestamptz,
  constraint texts_are_bounded check (char_length(reason) <= 4000 and char_length(fix) <= 4000)
);
create index sweeps_by_tenant on sweeps (tenant_id, created_at desc);
-- One at a time for each tenant, over all processes.
create unique index sweeps_under_way on sweeps (tenant_id) where state in ('queued', 'running', 'waiting');

-- ------------------------------------------------------------------------------------------------------------- quarantine

-- Deliveries whose signature no secret verified, until the secret is corrected.
create table quarantine (
  id               text primary key,
  -- Null: the address names no tenant, and no tenant's secret verified it.
  tenant_id        text references tenants on delete cascade,
  -- What the address asked for: * or the name of an integration.
  asked            text not null,
  -- Keyed hash of the 32 bytes of the header. Null: there was none, or none that could ever verify anything.
  signature        bytea,
  -- Keyed hash of the application of a body that reads as a hire: hires have the room, and each application a little of it.
  subject          bytea,
  -- Of the body as it was received.
  bytes            integer not null,
  sealed_body      bytea not null,
  deliveries       integer not null default 1,
  received_at      timestamptz not null,
  last_delivery_at timestamptz not null
);
-- Pinpoint sends the same bytes up to ten times: they are one row.
create unique index quarantine_once on quarantine (signature, tenant_id, asked) nulls not distinct where signature is not null;
create index quarantine_by_tenant on quarantine (tenant_id, id);
create index quarantine_by_age on quarantine (received_at);

-- ----------------------------------------------------------------------------------------------------------------- access

-- What people did that has to be accounted for. Without foreign keys: it outlives what it tells of.
create table audit (
  seq      bigint generated always as identity primary key,
  at       timestamptz not null default now(),
  -- As the machine knows them on which it was done.
  actor    text not null,
  -- Such as hires.reveal.
  action   text not null,
  -- The tenant's slug; null where it is about all.
  tenant   text,
  -- What it is about: ids of applications.
  subjects text[] not null,
  details  jsonb not null
);
create index audit_by_time on audit (at);

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is only ever added to';
end
$$;
create trigger audit_append_only before update or delete or truncate on audit execute function refuse_audit_change();

-- ------------------------------------------------------------------------------------------------------ the installation

-- Keys of this installation, made once: the key of keyed hashes must outlive the rotation of ENCRYPTION_KEYS.
create table installation_keys (
  name       text primary key,
  sealed_key bytea not null,
  created_at timestamptz not null default now()
);

-- Who says that it lives.
create table processes (
  -- Of the process, or of an invocation or instance of a Lambda function.
  name        text primary key,
  role        text not null check (role in ('all', 'intake', 'worker')),
  -- Ids, never keys. The first one encrypts.
  keys        text[] not null,
  -- It says so again before then, unless it is gone.
  alive_until timestamptz not null
);

-- What is done by the clock, and when it was done last, by whichever process.
create table scheduled_jobs (
  name    text primary key,
  done_at timestamptz not null
);
