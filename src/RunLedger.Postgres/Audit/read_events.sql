-- A tenant's events after a position, in their order, as they are sealed. The positions lead, as they do where the feed reads.
select seq_id, id, stream_id, version, type, timestamp, correlation_id, causation_id, headers::text, data::text
from runledger.mt_events
where seq_id > $2
  and tenant_id || '' = $1
  and type <> 'tombstone'
order by seq_id
limit $3;
