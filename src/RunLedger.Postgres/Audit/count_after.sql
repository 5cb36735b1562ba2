select count(*)
from runledger.mt_events
where seq_id > $2
  and tenant_id || '' = $1
  and type <> 'tombstone';
