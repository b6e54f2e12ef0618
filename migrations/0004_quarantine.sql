-- Purpose: deliveries whose signature no secret verified, kept sealed until the secret is corrected; and chores, so that
-- work by the clock is done once however many processes run.
-- Breaking: no. Locks: none on existing tables but a short one on tenants for the foreign key.

create table quarantine (
  id               text primary key,
  -- Null: the address names no tenant, and no tenant's secret verified it.
  tenant_id        text references tenants on delete cascade,
  -- What the address asked for: * or the name of an integration.
  asked            text not null,
  -- The 32 bytes of the header. Null: there was none, or none that could ever verify anything.
  signature        bytea,
  -- Of the body as it was received.
  bytes            integer not null,
  sealed_body      bytea not null,
  deliveries       integer not null default 1,
  received_at      timestamptz not null,
  last_delivery_at timestamptz not null
);
-- Pinpoint sends the same bytes up to ten times: they are one row.
create unique index quarantine_once on quarantine (signature, tenant_id, asked) nulls not distinct where signature is not null;
create index quarantine_by_tenant on quarantine (tenant_id, id);
create index quarantine_by_age on quarantine (received_at);

-- What is done by the clock, and when it was done last, by whichever process.
create table chores (
  name    text primary key,
  done_at timestamptz not null
);
