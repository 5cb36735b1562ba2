-- Prolongs the leases of polls that take long.
update runledger.watches as watch
set lease_until = now() + $6
from unnest($2, $3, $4, $5) as held (tenant_id, upstream, thread_id, run_id)
where watch.tenant_id = held.tenant_id and watch.upstream = held.upstream and watch.thread_id = held.thread_id and watch.run_id = held.run_id
  and watch.lease_owner = $1;
