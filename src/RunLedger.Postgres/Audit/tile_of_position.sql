-- The tile that the event at a position is sealed in, and the position that the tile before it ends with; the lowest that there can be before the first one.
select tile, coalesce(
  (select before.last_position from runledger.audit_tiles as before where before.tenant_id = $1 and before.level = 0 and before.tile = found.tile - 1),
  '-9223372036854775808'::bigint)
from runledger.audit_tiles as found
where tenant_id = $1 and level = 0 and last_position >= $2
order by last_position
limit 1;
