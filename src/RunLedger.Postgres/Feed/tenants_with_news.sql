-- The tenants that have events after a position, and the newest of each.
select tenant_id, max(seq_id)
from runledger.mt_events
where seq_id > $1
group by tenant_id;
