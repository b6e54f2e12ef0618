-- Purpose: what somebody who can write to the database, or to the door, gets from it: nothing. Secrets are sealed again for the address that they go
-- to, and identities and signatures are hashed with the installation's key. The process that migrates does both, with its encryption keys.
-- Breaking: yes, a process of the version before opens no secret any more, and knows no event again. Locks: tenants, connections, events and quarantine
-- while they are written anew, ten seconds for each million of events.

