-- The buckets in which the sums over all runs and the stored amounts differ; both in the same order.
with recomputed as (
  select
    tenant_id, hour, model, assistant_id, kind, dimensions,
    array[sum(runs), sum(completed), sum(failed), sum(cancelled), sum(incomplete), sum(expired),
      sum(prompt_tokens), sum(completion_tokens), sum(total_tokens), sum(cached_tokens), sum(reasoning_tokens)]::bigint[] as amounts
  from pg_temp.recomputed_usage
  group by tenant_id, hour, model, assistant_id, kind, dimensions
), stored as (
  select
    tenant_id, hour, model, assistant_id, kind, dimensions,
    array[runs, completed, failed, cancelled, incomplete, expired, prompt_tokens, completion_tokens, total_tokens, cached_tokens, reasoning_tokens] as amounts
  from runledger.usage_buckets
), both_sides as (
  select
    tenant_id, hour, model, assistant_id, kind, dimensions,
    coalesce(recomputed.amounts, array_fill(0::bigint, array[11])) as expected, coalesce(stored.amounts, array_fill(0::bigint, array[11])) as found
  from recomputed full join stored using (tenant_id, hour, model, assistant_id, kind, dimensions)
)
select tenant_id, hour, model, assistant_id, kind, dimensions, expected, found
from both_sides
where expected <> found
order by tenant_id, hour, model, assistant_id, kind, dimensions;
