-- A page of runs, newest first, that satisfy all filters that are not null.
select
  run_id, kind, thread_id, assistant_id, model, status, created_at, started_at, ended_at, expires_at, first_observed_at, last_observed_at,
  version, metadata::text, error_code,
  left(error_message, 4096) || case when substring(error_message from 4097 for 1) <> '' then '…' else '' end, incomplete_reason, tool_calls, late_observations, contradictions,
  prompt_tokens, completion_tokens, total_tokens, cached_tokens, reasoning_tokens, tool_names
from runledger.run_views
where tenant_id = $1
  and ($2::text is null or status = $2)
  and ($3::text is null or model = $3)
  and ($4::text is null or assistant_id = $4)
  and ($5::text is null or thread_id = $5)
  and ($6::text is null or kind = $6)
  and ($7::jsonb is null or metadata @> $7)
  and ($8::timestamptz is null or created_at >= $8)
  and ($9::timestamptz is null or created_at < $9)
  and ($10::timestamptz is null or (created_at, run_id) < ($10, $11))
order by created_at desc, run_id desc
limit $12;
