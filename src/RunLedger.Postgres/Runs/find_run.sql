select
  run_id, kind, thread_id, assistant_id, model, status, created_at, started_at, ended_at, expires_at, first_observed_at, last_observed_at,
  version, metadata::text, error_code,
  left(error_message, 4096) || case when substring(error_message from 4097 for 1) <> '' then '…' else '' end, incomplete_reason, tool_calls, late_observations, contradictions,
  prompt_tokens, completion_tokens, total_tokens, cached_tokens, reasoning_tokens, tool_names
from runledger.run_views
where tenant_id = $1 and run_id = $2;
