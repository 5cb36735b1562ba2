-- Runs in the order of their ids, to walk through all of a tenant's.
select run_id
from runledger.run_views
where tenant_id = $1 and run_id > $2
order by run_id
limit $3;
