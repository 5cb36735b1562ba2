copy pg_temp.recomputed_usage (
  tenant_id, hour, model, assistant_id, kind, runs, completed, failed, cancelled, incomplete, expired,
  prompt_tokens, completion_tokens, total_tokens, cached_tokens, reasoning_tokens, dimensions) from stdin (format binary)
