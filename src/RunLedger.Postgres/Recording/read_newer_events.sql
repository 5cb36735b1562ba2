-- The events of each stream that its reader does not know yet. Most have none, which their streams' versions tell.
select event.tenant_id, event.stream_id, event.type, event.data::text
from unnest($1, $2, $3) as known (tenant_id, id, version)
join runledger.mt_streams as stream on stream.tenant_id = known.tenant_id and stream.id = known.id and stream.version > known.version
join runledger.mt_events as event on event.tenant_id = stream.tenant_id and event.stream_id = stream.id and event.version > known.version
order by event.tenant_id, event.stream_id, event.version;
