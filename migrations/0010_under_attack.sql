-- Purpose: what somebody who can write to the database, or to the door, gets from it: nothing. Secrets are sealed again for the address that they go
-- to, and identities and signatures are hashed with the installation's key. The process that migrates does both, with its encryption keys.
-- Breaking: yes, a process of the version before opens no secret any more, and knows no event again. Locks: tenants, connections, events and quarantine
-- while they are written anew, ten seconds for each million of events.

-- What one tenant's host said rested all that call from an address, whatever host it was. From here on only Pinpoint's own hosts share a limit, and
-- a tenant rests alone until a second one is answered the same. What is stored may have come from anywhere.
delete from limits where scope like 'address:%';
alter table limits add column tenant_id text references tenants on delete cascade;
create index limits_by_tenant on limits (tenant_id) where tenant_id is not null;

-- What remains of an event that was pruned, and nothing else of it: its identity, by which the same signed body is known again. It starts nothing.
create table tombstones (
  tenant_id text not null references tenants on delete cascade,
  identity  bytea not null,
  primary key (tenant_id, identity)
);

-- Its runs are made and parked: the event had happened long before it came.
alter table arrivals add column stale boolean not null default false;

-- When and for which integrations it arrives: a later delivery of an event that is known may ask for more.
alter table arrivals add column dispatch_to text[] not null default '{}', add column arrived_at timestamptz not null default now();
update arrivals set dispatch_to = events.begins_for, arrived_at = events.received_at from events where events.id = arrivals.event_id;
alter table arrivals alter column dispatch_to drop default;
alter table events drop column begins_for;

-- 0011 creates it again, for the tables as they are by then.
drop function store_events(text[], text[], text[], text[], timestamptz[], bytea[], text[], bytea[], int[], text[], text[]);

-- A name that this version does not know is whatever the sender has written.
update events set name = 'other' where name <> 'application_hired';

-- Texts for people are bounded where they are made; what a version before has written is cut, a megabyte of a destination's text as well.
update runs set reason = left(reason, 2000), fix = left(fix, 2000) where char_length(reason) > 4000 or char_length(fix) > 4000;
update run_history set reason = left(reason, 2000) where char_length(reason) > 4000;
update connections set paused_reason = left(paused_reason, 2000), paused_fix = left(paused_fix, 2000)
  where char_length(paused_reason) > 4000 or char_length(paused_fix) > 4000;
update circuits set reason = left(reason, 2000) where char_length(reason) > 4000;
update sweeps set reason = left(reason, 2000), fix = left(fix, 2000) where char_length(reason) > 4000 or char_length(fix) > 4000;
alter table runs add constraint texts_are_bounded check (char_length(reason) <= 4000 and char_length(fix) <= 4000) not valid;
alter table run_history add constraint texts_are_bounded check (char_length(reason) <= 4000) not valid;
alter table connections add constraint texts_are_bounded check (char_length(paused_reason) <= 4000 and char_length(paused_fix) <= 4000) not valid;
alter table circuits add constraint texts_are_bounded check (char_length(reason) <= 4000) not valid;
alter table effects add constraint texts_are_bounded check (char_length(failure_reason) <= 4000) not valid;
alter table sweeps add constraint texts_are_bounded check (char_length(reason) <= 4000 and char_length(fix) <= 4000) not valid;
-- The application of a body that reads as a hire, hashed with the installation's key: hires have the room, and each application a little of it.
alter table quarantine add column subject bytea;

-- Which tries take a worker down. `alone`: no other run is at work in its process. `let_go`: its worker has stopped in an orderly way.
alter table runs add column held text check (held in ('alone', 'let_go'));

-- A person has said that it may take up very many.
alter table sweeps add column confirmed boolean not null default false;
-- How many it has read: one process does one sweep at a time, and one without end has its turns like any other.
alter table sweeps add column pages integer not null default 0;

-- Tenants over their quota. What of theirs has not begun is put aside, without end if need be, where nobody else has to pass by it.
create table over_quota (
  tenant_id text primary key references tenants on delete cascade,
  quota     text not null check (quota in ('events', 'runs')),
  since     timestamptz not null default now(),
  -- When runs begin again as far as the clock decides it; null where runs must end first.
  until     timestamptz,
  -- The last time that somebody looked whether there is room again.
  looked_at timestamptz not null default now()
);
-- Acknowledged events of theirs: no arrivals until there is room again. Without foreign key to the event, as these.
create table deferred (
  tenant_id  text not null references tenants on delete cascade,
  event_id   text not null,
  stale      boolean not null,
  dispatch_to text[] not null,
  primary key (tenant_id, event_id, stale)
);
-- It was deferred, and there is room for it.
alter table arrivals add column released boolean not null default false;

-- Goes up whenever something has changed that a run may be parked for, or a pause was lifted. A parked run has the one that it has seen, and goes
-- on when that is another one by now; so does what waits for a circuit.
alter table connections add column revision integer not null default 0;
alter table circuits add column connection_revision integer not null default 0;
alter table runs add column connection_revision integer;
update runs set connection_revision = 0 where finished_at is null and state = 'parked' and lifted_by = 'connection';
-- As in 0006: it names no state.
create index runs_by_connection_revision on runs (connection_id, connection_revision) where connection_revision is not null;

-- What an application has in the ledger under another key than its present one: its candidate's e-mail may be corrected at any time. `made_for` is
-- set from the beginning now, and only where an application has one effect of a kind. The index names nothing that changes later: 0026 says why.
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

-- What the tenant's Pinpoint refuses to send along with an application (its job, its comments), and when it did last: it is not asked for again.
alter table tenants add column refused_extras text[] not null default '{}', add column refused_extras_at timestamptz;
