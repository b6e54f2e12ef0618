-- Purpose: a webhook is acknowledged after one small statement: its event is stored and noted as arrived, and its runs begin in a
-- second statement, right after the answer.
-- Breaking: no, the new column has a default. A process of the version before stores an event with its runs, as it did, and leaves arrivals alone: what a
-- process that has died left there waits for one of this version. Locks: events for the moment of adding a column.

-- The integrations that were asked for when it came and that handle it: its runs begin for those that are enabled then.
alter table events add column begins_for text[] not null default '{}';

-- Events whose runs have not begun. Without foreign key: the row is written with its event, and what is gone begins nothing.
create table arrivals (
  event_id text primary key,
  -- Later than it came: its runs could not begin, and are tried again then.
  next_at  timestamptz not null default now()
);
-- As many rows go as come.
alter table arrivals set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_analyze_scale_factor = 0,
  autovacuum_analyze_threshold = 1000000);

-- Stores those of the events that are new, and answers these, each with how many runs are about to begin. One call is one
-- transaction and one way to the server and back. A function and not one statement with parts, since what a sweep has committed
-- is only seen by a statement that begins after the locks are taken.
create function store_events(
  ids text[], tenants text[], names text[], subjects text[], triggered timestamptz[], identities bytea[], asked text[], bodies bytea[],
  deliveries int[], origins text[], begins_for text[]
) returns table (event_id text, runs int) language plpgsql as $$
#variable_conflict use_column
begin
  -- The locks of lockSubjects in src/store/store-events.ts.
  perform pg_advisory_xact_lock_shared(key) from (
    select distinct hashtextextended(tenant || ' ' || subject, 0) as key from unnest($2, $4) as about (tenant, subject)
    where subject is not null order by key
  ) as keys;
  return query
  with given as (
    select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) as given (
      id, tenant_id, name, subject, triggered_at, identity, asked, sealed_body, deliveries, origin, begins_for)
  ), stored as (
    insert into events (id, tenant_id, name, subject, triggered_at, identity, asked, sealed_body, deliveries, origin, begins_for)
    select id, tenant_id, name, subject, triggered_at, identity, string_to_array(asked, ','), sealed_body, deliveries, origin,
      string_to_array(begins_for, ',')
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
    returning id, tenant_id, subject, begins_for
  ), arrived as (
    insert into arrivals (event_id) select id from stored where subject is not null
  )
  select stored.id, (
    select count(*)::int from connections
    where connections.tenant_id = stored.tenant_id and connections.enabled and connections.integration = any (stored.begins_for)
  )
  from stored;
end
$$;
