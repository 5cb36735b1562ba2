-- The runs of a thread between two places in the order of creation, both exclusive and open where null.
select run_id
from runledger.run_views
where tenant_id = $1 and thread_id = $2 and kind = 'thread.run'
  and ($3::timestamptz is null or (created_at, run_id) > ($3, $4))
  and ($5::timestamptz is null or (created_at, run_id) < ($5, $6))
order by created_at asc, run_id asc
limit $7;
