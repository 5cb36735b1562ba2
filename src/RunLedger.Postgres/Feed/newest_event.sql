-- The newest event of a tenant ($1) after a position ($2). Within a tenant positions are commit order: whatever is committed later stands behind it.
select seq_id
from runledger.mt_events
where tenant_id = $1 and seq_id > $2
order by seq_id desc
limit 1;
