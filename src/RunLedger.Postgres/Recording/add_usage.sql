insert into runledger.usage_buckets as bucket (
  tenant_id, hour, model, assistant_id, kind, runs, completed, failed, cancelled, incomplete, expired,
  prompt_tokens, completion_tokens, total_tokens, cached_tokens, reasoning_tokens, dimensions)
select
  unnest($1), unnest($2), unnest($3), unnest($4), unnest($5), unnest($6), unnest($7), unnest($8), unnest($9),
  unnest($10), unnest($11), unnest($12), unnest($13), unnest($14), unnest($15), unnest($16), unnest($17)::varchar[]
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
