-- Removes watches that are done with, and that are still this host's.
delete from runledger.watches as watch
using unnest($2, $3, $4, $5) as done (tenant_id, upstream, thread_id, run_id)
where watch.tenant_id = done.tenant_id and watch.upstream = done.upstream and watch.thread_id = done.thread_id and watch.run_id = done.run_id
  and watch.lease_owner = $1;
