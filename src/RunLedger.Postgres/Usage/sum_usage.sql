-- Usage by minutes, hours or days ($4), and by models ($6): whole hours from their buckets, and the parted ones ($9) from their runs. Which runs count in an hour
-- no index says, for that of run_views is by creation; but how many do its buckets say, in the same snapshot. They are looked for among those created in the hour,
-- then in the ten minutes before it, in which a run of the Assistants API expires, and so on, until as many are found: then these are all. Both views are of the
-- definitions that the reader knows ($8); by them what was read from a cache is no more than the prompt's ($7).
select
  date_trunc($4, time, 'UTC'),
  case when $6 then model end,
  sum(ended)::bigint, sum(prompt_tokens)::bigint, sum(completion_tokens)::bigint, sum(cached_tokens)::bigint
from (
  select hour as time, model, completed + failed + cancelled + incomplete + expired as ended, prompt_tokens, completion_tokens, cached_tokens
  from runledger.usage_buckets
  where tenant_id = $1
    and $4 <> 'minute'
    and hour >= $2
    and hour <= $3::timestamptz - interval '1 hour'
    and ($5::text[] is null or model = any($5))
  union all
  select run.*
  from unnest($9::timestamptz[]) as parted (hour)
  cross join lateral (
    select run.*
    from (values
      (hour, hour + interval '1 hour'),
      (hour - interval '10 minutes', hour),
      (hour - interval '2 hours', hour - interval '10 minutes'),
      (hour - interval '1 day', hour - interval '2 hours'),
      (hour - interval '30 days', hour - interval '1 day'),
      ('-infinity', hour - interval '30 days'),
      (hour + interval '1 hour', 'infinity')) as created (since, until)
    cross join lateral (
      select
        coalesce(ended_at, created_at), coalesce(model, ''), (status in ('completed', 'failed', 'cancelled', 'incomplete', 'expired'))::integer,
        coalesce(prompt_tokens, 0), coalesce(completion_tokens, 0),
        coalesce(case when $7 then least(cached_tokens, prompt_tokens) else cached_tokens end, 0)
      from runledger.run_views
      where tenant_id = $1
        and created_at >= created.since
        and created_at < created.until
        and coalesce(ended_at, created_at) >= hour
        and coalesce(ended_at, created_at) < hour + interval '1 hour'
        and ($5::text[] is null or coalesce(model, '') = any($5))
      offset 0 -- Keeps the planner from joining the other way round, which reads all runs.
    ) as run
    limit (
      select coalesce(sum(runs), 0)
      from runledger.usage_buckets
      where tenant_id = $1 and usage_buckets.hour = parted.hour and ($5::text[] is null or model = any($5)))
  ) as run (time, model, ended, prompt_tokens, completion_tokens, cached_tokens)
  where time >= $2 and time < $3
) as counted
where (select epoch from runledger.view_epoch) = $8 or runledger.refuse_views()
group by 1, 2
having sum(ended) <> 0 or sum(prompt_tokens) <> 0 or sum(completion_tokens) <> 0
order by 1, 2;
