-- Takes the tenants' append locks before the first position, and holds them to the commit, as lock_tenants does: a statement of its own costs a lone
-- append more than the locks.
insert into runledger.mt_events (seq_id, id, tenant_id, stream_id, version, type, mt_dotnet_type, data, correlation_id, timestamp)
select nextval('runledger.mt_events_sequence'), id, tenant_id, stream_id, version, type, mt_dotnet_type, data, correlation_id, $9
from (
  select
    unnest($1) as id, unnest($2) as tenant_id, unnest($3) as stream_id, unnest($4) as version, unnest($5) as type, unnest($6) as mt_dotnet_type,
    unnest($7) as data, unnest($8) as correlation_id
) as appended
where (
  select
    count(pg_advisory_xact_lock(hashtextextended(tenant_id, 5174))::text)
    + count(case when current_setting('synchronous_commit') = 'off' then set_config('synchronous_commit', 'on', true) end)
  from (select unnest($10) as tenant_id order by 1) as tenants
) > 0;
