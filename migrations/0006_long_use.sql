-- Purpose: tables that are as quick with millions of finished runs as with none: indexes for the queries that exist, room
-- beside rows that change, vacuum by the thousands instead of by a fifth of all; and how long finished work is kept.
-- Breaking: no. A process of the version before goes on working; what it counts and looks for among unfinished runs it reads
-- from the whole table until it is stopped. Locks: runs, events and effects against everything while two indexes on
-- runs and one on events are made, three or four seconds for each million of runs.

-- How long finished work of a tenant is kept, null: for ever.
alter table tenants add column keep_finished_seconds integer default 34560000;

-- An index that names the state is written anew with each change of the state, and with it all others of the table. The
-- moment of the end changes once in the life of a run.
drop index runs_unfinished;
alter table runs add constraint runs_finished_at check ((finished_at is null) = (state in ('queued', 'running', 'waiting', 'parked')));
create index runs_open on runs (connection_id) where finished_at is null;

-- Lists are in the order of time. That of the events is there: events_by_arrival.
drop index runs_by_tenant;
create index runs_by_creation on runs (tenant_id, created_at);
drop index events_by_tenant;
-- A webhook asks whether a sweep has found its hire before: there are few such events, whatever the number of all.
create index events_found_by_sweep on events (tenant_id, subject) where origin = 'sweep';

-- Nothing asks for the effects of a run.
drop index effects_by_holder;

alter table runs set (
  fillfactor = 80,
  autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02
);
alter table effects set (
  fillfactor = 90,
  autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02
);
alter table events set (
  autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02
);
alter table steps set (
  autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02
);
alter table run_history set (
  autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02
);
