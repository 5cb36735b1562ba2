-- The tiles of events' hashes from one on.
select tile, hashes, last_position
from runledger.audit_tiles
where tenant_id = $1 and level = 0 and tile >= $2
order by tile
limit $3;
