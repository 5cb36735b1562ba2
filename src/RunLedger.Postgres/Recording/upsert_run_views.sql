-- Arrays are taken apart in the select list, here and wherever rows are recorded: unnest of several arrays in FROM keeps each column's rows by itself
-- first, at several times the cost.
-- Refuses to write by other definitions than those of the views that are there now; the append lock is held, so that they stay.
insert into runledger.run_views as view (
  tenant_id, run_id, kind, thread_id, assistant_id, model, status, created_at, started_at, ended_at, expires_at, first_observed_at,
  last_observed_at, version, metadata, error_code, error_message, incomplete_reason, tool_calls, late_observations, contradictions,
  prompt_tokens, completion_tokens, total_tokens, cached_tokens, reasoning_tokens, tool_names)
select
  unnest($1), unnest($2), unnest($3), unnest($4), unnest($5), unnest($6), unnest($7), unnest($8), unnest($9),
  unnest($10), unnest($11), unnest($12), unnest($13), unnest($14), unnest($15), unnest($16), unnest($17), unnest($18),
  unnest($19), unnest($20), unnest($21), unnest($22), unnest($23), unnest($24), unnest($25), unnest($26), unnest($27)
where (select epoch from runledger.view_epoch) = $28 or runledger.refuse_views()
on conflict (tenant_id, run_id) do update set
  kind = excluded.kind,
  thread_id = excluded.thread_id,
  assistant_id = excluded.assistant_id,
  model = excluded.model,
  status = excluded.status,
  created_at = excluded.created_at,
  started_at = excluded.started_at,
  ended_at = excluded.ended_at,
  expires_at = excluded.expires_at,
  first_observed_at = excluded.first_observed_at,
  last_observed_at = excluded.last_observed_at,
  version = excluded.version,
  metadata = excluded.metadata,
  error_code = excluded.error_code,
  error_message = excluded.error_message,
  incomplete_reason = excluded.incomplete_reason,
  tool_calls = excluded.tool_calls,
  late_observations = excluded.late_observations,
  contradictions = excluded.contradictions,
  prompt_tokens = excluded.prompt_tokens,
  completion_tokens = excluded.completion_tokens,
  total_tokens = excluded.total_tokens,
  cached_tokens = excluded.cached_tokens,
  reasoning_tokens = excluded.reasoning_tokens,
  tool_names = excluded.tool_names;
