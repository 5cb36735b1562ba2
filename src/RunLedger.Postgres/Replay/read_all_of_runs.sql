select known.place, event.version, event.type, event.data
from unnest($1, $2) with ordinality as known (tenant_id, run_id, place)
join runledger.mt_events as event on event.tenant_id = known.tenant_id and event.stream_id = known.run_id
order by known.place, event.version;
