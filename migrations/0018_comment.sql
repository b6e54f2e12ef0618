-- Purpose: the text of the comment on an application, per connection.
-- Breaking: no. A process of the version before writes the text that it always wrote. Locks: connections for an instant.

-- The template, as written in the file. Null: the sentence that names the record, and nothing else.
alter table connections add column comment text;
