select model, effective_from, prompt_per_token, cached_per_token, completion_per_token, source, recorded_at
from runledger.prices
where tenant_id = $1
order by model collate "C", effective_from;
