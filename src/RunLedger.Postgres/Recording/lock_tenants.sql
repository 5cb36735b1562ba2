-- Held from here to the commit: within a tenant, positions are taken in the order in which they are committed.
select pg_advisory_xact_lock(hashtextextended(tenant_id, 5174)) from (select unnest($1) as tenant_id order by 1) as tenants;
