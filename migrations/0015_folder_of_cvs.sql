-- Purpose: CVs go to HiBob's confidential folder by default. Connections that exist go on using the shared one, which was the default.
-- Breaking: no. Locks: the rows of HiBob's connections, for the moment of the update.

update connections
set settings = settings || '{"documents": "shared"}'
where integration = 'hibob' and not settings ? 'documents';
