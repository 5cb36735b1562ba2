-- The tile that the event at a position is sealed in.
select tile, hashes
from runledger.audit_tiles
where tenant_id = $1 and level = 0 and last_position >= $2
order by last_position
limit 1;
