-- Adds prices, and corrects those that are there; tells of each that it touched whether it is new.
insert into runledger.prices as known (
  tenant_id, model, effective_from, prompt_per_token, cached_per_token, completion_per_token, source, recorded_at)
select $1, model, effective_from, prompt, cached, completion, $7, $8
from unnest($2, $3, $4, $5, $6) as given (model, effective_from, prompt, cached, completion)
on conflict (tenant_id, model, effective_from) do update set
  prompt_per_token = excluded.prompt_per_token,
  cached_per_token = excluded.cached_per_token,
  completion_per_token = excluded.completion_per_token,
  source = excluded.source,
  recorded_at = excluded.recorded_at
where (known.prompt_per_token, known.cached_per_token, known.completion_per_token)
  is distinct from (excluded.prompt_per_token, excluded.cached_per_token, excluded.completion_per_token)
returning xmax = 0;
