-- Gives watches back that were not polled, due when they were.
update runledger.watches as watch
set lease_owner = null, lease_until = null
from unnest($2, $3, $4, $5) as given_back (tenant_id, upstream, thread_id, run_id)
where watch.tenant_id = given_back.tenant_id and watch.upstream = given_back.upstream and watch.thread_id = given_back.thread_id
  and watch.run_id = given_back.run_id and watch.lease_owner = $1;
