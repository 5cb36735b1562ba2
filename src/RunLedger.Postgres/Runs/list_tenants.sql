-- The tenants that have runs: one index probe each.
with recursive tenants (tenant_id) as (
  (select tenant_id from runledger.run_views order by tenant_id limit 1)
  union all
  select (select next.tenant_id from runledger.run_views as next where next.tenant_id > tenants.tenant_id order by next.tenant_id limit 1)
  from tenants
  where tenants.tenant_id is not null
)
select tenant_id from tenants where tenant_id is not null;
