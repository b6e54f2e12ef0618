-- Purpose: which processes live, in what role, and which encryption keys each of them has: `keys rotate` asks before it encrypts with a key that one of
-- them lacks, and the doctor says when no worker lives.
-- Breaking: no. Locks: none.

create table processes (
  -- Of the process, or of an invocation or instance of a Lambda function.
  name        text primary key,
  role        text not null check (role in ('all', 'intake', 'worker')),
  -- Ids, never keys. The first one encrypts.
  keys        text[] not null,
  -- It says so again before then, unless it is gone.
  alive_until timestamptz not null
);
