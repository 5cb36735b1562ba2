select
  view.run_id, kind, thread_id, assistant_id, model, status, created_at, started_at, ended_at, expires_at, first_observed_at, last_observed_at,
  version, metadata::text, error_code, error_message, incomplete_reason, tool_calls, late_observations, contradictions,
  prompt_tokens, completion_tokens, total_tokens, cached_tokens, reasoning_tokens, tool_names, known.place
from unnest($1, $2) with ordinality as known (tenant_id, run_id, place)
join runledger.run_views as view on view.tenant_id = known.tenant_id and view.run_id = known.run_id;
