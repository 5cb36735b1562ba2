-- How long until the next watch of some upstreams is due; null if they have none.
select min(next.due_at) - now()
from unnest($1, $2) as room (tenant_id, upstream)
cross join lateral (
  select watch.due_at
  from runledger.watches as watch
  where watch.tenant_id = room.tenant_id and watch.upstream = room.upstream
  order by watch.due_at
  limit 1
) as next;
