-- Adds what is not watched yet, due at once.
insert into runledger.watches (tenant_id, upstream, thread_id, run_id, next_poll_at, pause, attempts, created_at)
select distinct tenant_id, upstream, thread_id, run_id, now(), interval '0', 0, now()
from unnest($1, $2, $3, $4) as added (tenant_id, upstream, thread_id, run_id)
order by tenant_id, upstream, thread_id, run_id
on conflict (tenant_id, upstream, thread_id, run_id) do nothing;
