-- Purpose: which version of its connection's mapping has made an effect, and by which a run was judged last.
-- Breaking: no. A process of the version before leaves it unknown. Locks: the three tables for an instant.

-- The version with which it was announced. Null: there was none, or it was not made by us.
alter table effects add column mapping_version integer;
alter table steps add column mapping_version integer;
-- The version that the last attempt worked with. Null: there was none.
alter table runs add column mapping_version integer;
