-- Purpose: who was hired: name, e-mail and job title of each application, sealed, for commands that name people; and the audit log, in which each
-- look at them in clear is noted.
-- Breaking: no. A process of the version before keeps no names. Locks: tenants for an instant.

-- Written as an attempt is settled that has read the application, and deleted with the last event about it.
create table hires (
  tenant_id      text not null references tenants on delete cascade,
  application    text not null,
  sealed_details bytea not null,
  -- HMAC of what is sealed, keyed with this installation's key: a later read that brings nothing new writes nothing.
  content_hash   bytea not null,
  -- HMACs of the folded e-mail, as in the ledger, and of each part of the names: how a person is found.
  email_hash     bytea,
  name_hashes    bytea[] not null,
  -- When the attempt read it. What an earlier one has read replaces nothing.
  read_at        timestamptz not null,
  primary key (tenant_id, application)
);
create index hires_by_email on hires (email_hash) where email_hash is not null;
create index hires_by_name on hires using gin (name_hashes) with (fastupdate = off);

-- What people did that has to be accounted for. Without foreign keys: it outlives what it tells of.
create table audit (
  seq      bigint generated always as identity primary key,
  at       timestamptz not null default now(),
  -- As the machine knows them on which it was done.
  actor    text not null,
  -- Such as hires.reveal.
  action   text not null,
  -- The tenant's slug; null where it is about all.
  tenant   text,
  -- What it is about: ids of applications.
  subjects text[] not null,
  details  jsonb not null
);
create index audit_by_time on audit (at);

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is only ever added to';
end
$$;
create trigger audit_append_only before update or delete or truncate on audit execute function refuse_audit_change();
