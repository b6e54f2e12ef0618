-- Purpose: keeps the numbers without a gap until the migration of this number is merged. Breaking: no. Locks: none.
select 1;
