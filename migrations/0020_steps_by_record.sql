-- Purpose: a record in a destination names the hire without the whole ledger being read.
-- Breaking: no. Locks: steps against writes while the index is made, about a second per million of them.

-- Of the ids that a person may ask for; nothing else is in it, and nothing too long for an index.
create index steps_by_record on steps (remote_id) where remote_id ~ '^[0-9]{1,60}$';
