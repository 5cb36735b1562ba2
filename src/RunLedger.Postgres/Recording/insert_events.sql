insert into runledger.mt_events (seq_id, id, tenant_id, stream_id, version, type, mt_dotnet_type, data, correlation_id, timestamp)
select nextval('runledger.mt_events_sequence'), id, tenant_id, stream_id, version, type, mt_dotnet_type, data, correlation_id, $9
from unnest($1, $2, $3, $4, $5, $6, $7, $8) as appended (id, tenant_id, stream_id, version, type, mt_dotnet_type, data, correlation_id);
