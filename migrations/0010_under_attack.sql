-- Purpose: what somebody who can write to the database, or to the door, gets from it: nothing. Secrets are sealed again for the address that they go
-- to, and identities and signatures are hashed with the installation's key. The process that migrates does both, with its encryption keys.
-- Breaking: yes, a process of the version before opens no secret any more, and knows no event again. Locks: tenants, connections, events and quarantine
-- while they are written anew, ten seconds for each million of events.


-- What one tenant's host said rested all that call from an address, whatever host it was. From here on only Pinpoint's own hosts share a limit, and
-- a tenant rests alone until a second one is answered the same. What is stored may have come from anywhere.
delete from limits where scope like 'address:%';
alter table limits add column tenant_id text references tenants on delete cascade;
create index limits_by_tenant on limits (tenant_id) where tenant_id is not null;
