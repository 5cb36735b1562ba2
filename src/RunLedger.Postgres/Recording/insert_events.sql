insert into runledger.mt_events (seq_id, id, tenant_id, stream_id, version, type, mt_dotnet_type, data, correlation_id, timestamp)
select nextval('runledger.mt_events_sequence'), id, tenant_id, stream_id, version, type, mt_dotnet_type, data, correlation_id, $9
from (
  select
    unnest($1) as id, unnest($2) as tenant_id, unnest($3) as stream_id, unnest($4) as version, unnest($5) as type, unnest($6) as mt_dotnet_type,
    unnest($7) as data, unnest($8) as correlation_id
) as appended;
