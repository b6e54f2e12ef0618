-- Purpose: which field of the destination gets which value, per connection, and what it was before.
-- Breaking: no. A process of the version before leaves mappings out of use. Locks: connections for an instant.

-- As written in the file. Null: the integration does what it does by itself.
alter table connections add column mapping jsonb;
-- Goes up with every change of the mapping. 0: there has never been one.
alter table connections add column mapping_version integer not null default 0;

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
