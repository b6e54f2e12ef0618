-- Purpose: how many calls each attempt of a run has sent, for `runs show`.
-- Breaking: no. A process of the version before writes none. Locks: run_history for an instant.

-- Of the attempt that this line ends, by destination. Null: not counted.
alter table run_history add column calls jsonb;
