-- A webhook asks whether a sweep has found its hire before: there are few such events, whatever the number of all.
-- Expands only; processes of the version before go on. Locks: `create index` holds back writes to events while it reads
-- them, a few seconds a million.

create index events_found_by_sweep on events (tenant_id, subject) where origin = 'sweep';
