-- Ends leases with what the polls came to. A lease that ran out and is another host's by now is left alone.
update runledger.watches as watch
set
  next_poll_at = now() + polled.pause,
  pause = polled.pause,
  attempts = polled.attempts,
  last_outcome = polled.outcome,
  last_error = polled.error,
  listed_to = coalesce(polled.listed_to, watch.listed_to),
  lease_owner = null,
  lease_until = null
from unnest($2, $3, $4, $5, $6, $7, $8, $9, $10)
  as polled (tenant_id, upstream, thread_id, run_id, pause, attempts, outcome, error, listed_to)
where watch.tenant_id = polled.tenant_id and watch.upstream = polled.upstream and watch.thread_id = polled.thread_id
  and watch.run_id = polled.run_id and watch.lease_owner = $1;
