select stream_id, seq_id, version, timestamp, type, data::text, correlation_id
from runledger.mt_events
where tenant_id = $1 and stream_id = any ($2)
order by stream_id, version;
