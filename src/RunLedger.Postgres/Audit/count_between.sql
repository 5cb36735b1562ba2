-- How many of the tenant's events stand after one position and before another.
select count(*)
from runledger.mt_events
where seq_id > $2 and seq_id < $3
  and tenant_id || '' = $1
  and type <> 'tombstone';
