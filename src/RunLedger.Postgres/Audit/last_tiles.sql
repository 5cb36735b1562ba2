-- The last tile of each level.
select level, tile, hashes, last_position
from (select distinct on (level) level, tile, hashes, last_position from runledger.audit_tiles where tenant_id = $1 order by level, tile desc) as last
order by level;
