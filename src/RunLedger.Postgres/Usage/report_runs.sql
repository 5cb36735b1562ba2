-- Usage by the dimensions asked for, from the runs themselves: for threads, metadata, and times that are no whole hours. In parts, one for each
-- model and each stretch of time in which no price changes ($18). Values of metadata and tools are those that buckets have, of up to $20 bytes; and so are
-- tokens that were read from a cache, which are no more than the prompt's ($21).
select
  case when $6 then coalesce(model, '') end,
  case when $7 then coalesce(assistant_id, '') end,
  case when $12 then coalesce(thread_id, '') end,
  case
    when $8 then date_trunc('hour', coalesce(ended_at, created_at), 'UTC')
    when $9 then date_trunc('day', coalesce(ended_at, created_at), 'UTC')
  end,
  array(
    select case when jsonb_typeof(metadata -> key) in ('object', 'array') then '' else coalesce(runledger.dimension_value(metadata ->> key, $20), '') end
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
  coalesce(sum(case when $21 then least(cached_tokens, prompt_tokens) else cached_tokens end), 0)::bigint,
  coalesce(sum(reasoning_tokens), 0)::bigint,
  case when $10 then kind end,
  coalesce(model, ''),
  width_bucket(coalesce(ended_at, created_at), $18),
  case when $19 then coalesce(runledger.dimension_value(tool_names, $20), '') end
from runledger.run_views
where tenant_id = $1
  and ($2::timestamptz is null or coalesce(ended_at, created_at) >= $2)
  and ($3::timestamptz is null or coalesce(ended_at, created_at) < $3)
  and ($4::text is null or coalesce(model, '') = $4)
  and ($5::text is null or coalesce(assistant_id, '') = $5)
  and ($11::text is null or kind = $11)
  and ($14::text is null or thread_id = $14 or ($14 = '' and thread_id is null))
  and ($15::jsonb is null or metadata @> $15)
  and (cardinality($16) = 0 or not exists (
    select from unnest($16, $17) as wanted (key, value)
    where value <> case when jsonb_typeof(metadata -> key) in ('object', 'array') then '' else coalesce(metadata ->> key, '') end))
group by 1, 2, 3, 4, 5, 17, 18, 19, 20
order by 4, 1, 2, 3, 5, 17, 20;
