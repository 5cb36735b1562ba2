-- Usage by the dimensions asked for, from the runs themselves: for threads, metadata, and times that are no whole hours. In parts, one for each
-- model and each stretch of time in which no price changes ($16). Values of metadata and tools are those that buckets have, of up to $18 bytes; and so are
-- tokens that were read from a cache, which are no more than the prompt's ($19).
select
  case when $6 then coalesce(model, '') end,
  case when $7 then coalesce(assistant_id, '') end,
  case when $12 then coalesce(thread_id, '') end,
  case
    when $8 then date_trunc('hour', coalesce(ended_at, created_at), 'UTC')
    when $9 then date_trunc('day', coalesce(ended_at, created_at), 'UTC')
  end,
  array(
    select case when jsonb_typeof(metadata -> key) in ('object', 'array') then '' else coalesce(runledger.dimension_value(metadata ->> key, $18), '') end
    from unnest($13::text[]) with ordinality as wanted (key, place) order by place),
  count(*),
  count(*) filter (where status = 'completed'),
  count(*) filter (where status = 'failed'),
  count(*) filter (where status = 'cancelled'),
  count(*) filter (where status = 'incomplete'),
  count(*) filter (where status = 'expired'),
  coalesce(sum(prompt_tokens), 0)::bigint,
  coalesce(sum(completion_tokens), 0)::bigint,
  coalesce(sum(total_tokens), 0)::bigint,
  coalesce(sum(case when $19 then least(cached_tokens, prompt_tokens) else cached_tokens end), 0)::bigint,
  coalesce(sum(reasoning_tokens), 0)::bigint,
  case when $10 then kind end,
  coalesce(model, ''),
  width_bucket(coalesce(ended_at, created_at), $16),
  case when $17 then coalesce(runledger.dimension_value(tool_names, $18), '') end
from runledger.run_views
where tenant_id = $1
  and ($2::timestamptz is null or coalesce(ended_at, created_at) >= $2)
  and ($3::timestamptz is null or coalesce(ended_at, created_at) < $3)
  and ($4::text is null or coalesce(model, '') = $4)
  and ($5::text is null or coalesce(assistant_id, '') = $5)
  and ($11::text is null or kind = $11)
  and ($14::text is null or thread_id = $14)
  and ($15::jsonb is null or metadata @> $15)
group by 1, 2, 3, 4, 5, 17, 18, 19, 20
order by 4, 1, 2, 3, 5, 17, 20;
