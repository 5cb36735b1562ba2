select tenant_id, id, coalesce(version, 0)
from runledger.mt_streams
where (tenant_id, id) > ($1, $2)
order by tenant_id, id
limit $3;
