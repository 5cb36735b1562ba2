-- The events of each stream that its reader does not know yet.
select event.tenant_id, event.stream_id, event.type, event.data::text
from unnest($1, $2, $3) as known (tenant_id, id, version)
join runledger.mt_events as event on event.tenant_id = known.tenant_id and event.stream_id = known.id and event.version > known.version
order by event.tenant_id, event.stream_id, event.version;
