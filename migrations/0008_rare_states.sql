-- Purpose: a list of the refused or cancelled runs reads those, not all runs until it has found enough.
-- Breaking: no. A process of the version before goes on working. Locks: runs against everything while the table is written
-- anew for the column, seven seconds for each million of runs.

-- As which state a run has ended, null until then. An index that names the state itself would be written anew, and with it all
-- others of the table, with each change of the state; this value changes when a run ends, as the moment of the end does.
alter table runs add column ended_as text generated always as (case when finished_at is not null then state end) stored;
-- Only these two: of runs that are done a list finds enough among the newest.
create index runs_rare on runs (tenant_id, ended_as, created_at) where ended_as in ('refused', 'cancelled');
