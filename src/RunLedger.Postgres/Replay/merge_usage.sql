with added as (
  delete from runledger.rebuild_usage returning *
)
insert into runledger.usage_buckets_next as bucket (
  tenant_id, hour, model, assistant_id, kind, runs, completed, failed, cancelled, incomplete, expired,
  prompt_tokens, completion_tokens, total_tokens, cached_tokens, reasoning_tokens, dimensions)
select
  tenant_id, hour, model, assistant_id, kind, sum(runs), sum(completed), sum(failed), sum(cancelled), sum(incomplete), sum(expired),
  sum(prompt_tokens), sum(completion_tokens), sum(total_tokens), sum(cached_tokens), sum(reasoning_tokens), dimensions
from added
group by tenant_id, hour, model, assistant_id, kind, dimensions
on conflict (tenant_id, hour, model, assistant_id, kind, dimensions) do update set
  runs = bucket.runs + excluded.runs,
  completed = bucket.completed + excluded.completed,
  failed = bucket.failed + excluded.failed,
  cancelled = bucket.cancelled + excluded.cancelled,
  incomplete = bucket.incomplete + excluded.incomplete,
  expired = bucket.expired + excluded.expired,
  prompt_tokens = bucket.prompt_tokens + excluded.prompt_tokens,
  completion_tokens = bucket.completion_tokens + excluded.completion_tokens,
  total_tokens = bucket.total_tokens + excluded.total_tokens,
  cached_tokens = bucket.cached_tokens + excluded.cached_tokens,
  reasoning_tokens = bucket.reasoning_tokens + excluded.reasoning_tokens;
