copy runledger.run_views_next (
  tenant_id, run_id, kind, thread_id, assistant_id, model, status, created_at, started_at, ended_at, expires_at, first_observed_at,
  last_observed_at, version, metadata, error_code, error_message, incomplete_reason, tool_calls, late_observations, contradictions,
  prompt_tokens, completion_tokens, total_tokens, cached_tokens, reasoning_tokens, tool_names) from stdin (format binary)
