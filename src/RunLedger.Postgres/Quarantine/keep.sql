-- In the order in which the items came, each once.
insert into runledger.quarantine (tenant_id, sha256, item, source, pointer, field, reason, received_at)
select tenant_id, sha256, item, source, pointer, field, reason, received_at
from (
  select distinct on (tenant_id, sha256) *
  from unnest($1, $2, $3, $4, $5, $6, $7, $8) with ordinality as bad (tenant_id, sha256, item, source, pointer, field, reason, received_at, place)
  order by tenant_id, sha256, place
) as bad
order by place
on conflict (tenant_id, sha256) do update set
  pointer = excluded.pointer,
  field = excluded.field,
  reason = excluded.reason,
  recorded_at = null;
