-- Purpose: where in Pinpoint a connection writes the id of a record.
-- Breaking: no. A process of the version before writes nothing there. Locks: connections for an instant.

-- Null: nowhere.
alter table connections add column write_back text;
