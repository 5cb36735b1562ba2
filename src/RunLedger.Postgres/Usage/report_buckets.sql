-- Usage by the dimensions asked for, from hourly buckets, which are of the definitions that the reader knows ($15); in parts, one for each model and each stretch of time in which no price changes ($12).
select
  case when $6 then model end,
  case when $7 then assistant_id end,
  null::text,
  case when $8 then hour when $9 then date_trunc('day', hour, 'UTC') end,
  array(
    select coalesce(dimensions[array_position(kept.names, 'metadata.' || key)], '')
    from unnest($13::text[]) with ordinality as wanted (key, place) order by place),
  sum(runs)::bigint, sum(completed)::bigint, sum(failed)::bigint, sum(cancelled)::bigint, sum(incomplete)::bigint, sum(expired)::bigint,
  sum(prompt_tokens)::bigint, sum(completion_tokens)::bigint, sum(total_tokens)::bigint, sum(cached_tokens)::bigint, sum(reasoning_tokens)::bigint,
  case when $10 then kind end,
  model,
  width_bucket(hour, $12),
  case when $14 then coalesce(dimensions[array_position(kept.names, 'tool.name')], '') end
from runledger.usage_buckets, (select dimensions::text[] as names from runledger.projections where name = 'usage') as kept
where tenant_id = $1
  and ($2::timestamptz is null or hour >= $2)
  and ($3::timestamptz is null or hour < $3)
  and ($4::text is null or model = $4)
  and ($5::text is null or assistant_id = $5)
  and ($11::text is null or kind = $11)
  and ((select epoch from runledger.view_epoch) = $15 or runledger.refuse_views())
group by 1, 2, 4, 5, 17, model, 19, 20
having sum(runs) <> 0
order by 4, 1, 2, 5, 17, 20;
