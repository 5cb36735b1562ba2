-- A page of runs, newest first, that satisfy all filters that are not null. Who names none is found by the empty text; metadata by the text that reports group by.
select
  run_id, kind, thread_id, assistant_id, model, status, created_at, started_at, ended_at, expires_at, first_observed_at, last_observed_at,
  version, metadata::text, error_code,
  left(error_message, 4096) || case when substring(error_message from 4097 for 1) <> '' then '…' else '' end, incomplete_reason, tool_calls, late_observations, contradictions,
  prompt_tokens, completion_tokens, total_tokens, cached_tokens, reasoning_tokens, tool_names
from runledger.run_views
where tenant_id = $1
  and ($2::text is null or status = $2)
  and ($3::text is null or model = $3 or ($3 = '' and model is null))
  and ($4::text is null or assistant_id = $4 or ($4 = '' and assistant_id is null))
  and ($5::text is null or thread_id = $5 or ($5 = '' and thread_id is null))
  and ($6::text is null or kind = $6)
  and ($7::jsonb is null or metadata @> $7)
  and (cardinality($8) = 0 or not exists (
    select from unnest($8, $9) as wanted (key, value)
    where value <> case when jsonb_typeof(metadata -> key) in ('object', 'array') then '' else coalesce(metadata ->> key, '') end))
  and ($10::timestamptz is null or created_at >= $10)
  and ($11::timestamptz is null or created_at < $11)
  and ($12::timestamptz is null or (created_at, run_id) < ($12, $13))
order by created_at desc, run_id desc
limit $14;
