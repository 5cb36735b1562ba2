select tile, hashes
from runledger.audit_tiles
where tenant_id = $1 and level = $2
order by tile;
