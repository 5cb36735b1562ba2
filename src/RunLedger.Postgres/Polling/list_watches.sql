-- A tenant's watches in the order of their keys, after the given one.
select upstream, thread_id, run_id, next_poll_at, attempts, last_outcome, last_error, created_at
from runledger.watches
where tenant_id = $1 and (upstream, thread_id, run_id) > ($2, $3, $4)
order by upstream, thread_id, run_id
limit $5;
