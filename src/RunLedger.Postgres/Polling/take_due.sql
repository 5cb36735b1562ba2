-- Leases watches that are due, the longest due first, of each upstream as many as there is room for. What another host takes at this moment
-- is skipped, not waited for.
with due as (
  select watch.*
  from unnest($1, $2, $3) as room (tenant_id, upstream, places)
  cross join lateral (
    select candidate.tenant_id, candidate.upstream, candidate.thread_id, candidate.run_id, candidate.due_at
    from runledger.watches as candidate
    where candidate.tenant_id = room.tenant_id and candidate.upstream = room.upstream and candidate.due_at <= now()
    order by candidate.due_at
    limit room.places
    for update skip locked
  ) as watch
)
update runledger.watches as watch
set lease_owner = $4, lease_until = now() + $5
from due
where watch.tenant_id = due.tenant_id and watch.upstream = due.upstream and watch.thread_id = due.thread_id and watch.run_id = due.run_id
returning watch.tenant_id, watch.upstream, watch.thread_id, watch.run_id, watch.pause, watch.attempts, watch.last_outcome, watch.listed_to,
  now() - due.due_at;
