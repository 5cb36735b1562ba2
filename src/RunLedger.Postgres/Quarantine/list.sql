-- An item may be as large as a request: a list shows its beginning.
select id, substring(item from 1 for 4096), octet_length(item), source, pointer, field, reason, received_at, retried_at
from runledger.quarantine
where tenant_id = $1 and recorded_at is null and id > $2
order by id
limit $3;
