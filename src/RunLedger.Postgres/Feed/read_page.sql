-- A tenant's events between two positions, in their order. The positions lead: comparing an expression keeps the planner from fetching all that
-- the tenant has by the index on tenant and stream, and sorting it, for every page.
select seq_id, stream_id, version, timestamp, type, data::text, correlation_id
from runledger.mt_events
where seq_id > $2 and seq_id <= $3
  and tenant_id || '' = $1
  and ($4::text[] is null or type = any ($4))
  and type <> 'tombstone'
order by seq_id
limit $5;
