-- Held from here to the commit: within a tenant, positions are taken in the order in which they are committed. While all appends are to wait,
-- which is when a rebuilt view is switched to, the first lock is held exclusively. A receipt promises that the commit is flushed, whatever the
-- role's or the database's setting says.
select
  pg_advisory_xact_lock_shared(hashtextextended('runledger.appends', 0)),
  pg_advisory_xact_lock(hashtextextended(tenant_id, 5174)),
  case when current_setting('synchronous_commit') = 'off' then set_config('synchronous_commit', 'on', true) end
from (select unnest($1) as tenant_id order by 1) as tenants;
