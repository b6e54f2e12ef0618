-- Purpose: tables and columns are called what the field calls them: inbox, rechecks, scheduled jobs, resumes_on. Nothing else changes.
-- Breaking: yes, a process of the version before finds its tables no more; stop it first. Locks: each table for an instant.

alter table arrivals rename to inbox;
alter table inbox rename constraint arrivals_pkey to inbox_pkey;

alter table chores rename to scheduled_jobs;
alter table scheduled_jobs rename constraint chores_pkey to scheduled_jobs_pkey;

alter table looks rename to rechecks;
alter table rechecks rename column looks to times;
alter table rechecks rename column looked_at to checked_at;
alter table rechecks rename constraint looks_pkey to rechecks_pkey;
alter table rechecks rename constraint looks_run_id_fkey to rechecks_run_id_fkey;
alter table rechecks rename constraint looks_tenant_id_fkey to rechecks_tenant_id_fkey;
alter table rechecks rename constraint looks_what_check to rechecks_what_check;
alter index looks_due rename to rechecks_due;
alter index looks_by_application rename to rechecks_by_application;

alter table runs rename column lifted_by to resumes_on;
alter table circuits rename column comes_at to next_caller_at;
alter table over_quota rename column looked_at to checked_at;
alter index events_by_arrival rename to events_by_received_at;

alter table limits rename column rests_until to exhausted_until;
-- The words within what is known of a limit have changed, too. It is worth an hour at most, and is learned again from the first answers.
delete from limits;

-- As in 0007, but for what is pruned, what is stale, where it says what an event is dispatched to, and the name of the table.
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

-- Whatever was longer has been cut by 0010.
alter table runs validate constraint texts_are_bounded;
alter table run_history validate constraint texts_are_bounded;
alter table connections validate constraint texts_are_bounded;
alter table circuits validate constraint texts_are_bounded;
alter table effects validate constraint texts_are_bounded;
alter table sweeps validate constraint texts_are_bounded;
