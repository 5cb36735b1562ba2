-- A run's events as they are sealed.
select seq_id, id, stream_id, version, type, timestamp, correlation_id, causation_id, headers::text, data::text
from runledger.mt_events
where tenant_id = $1 and stream_id = $2 and type <> 'tombstone'
order by version;
