select level, tile, hashes
from runledger.audit_tiles
where tenant_id = $1 and (level, tile) in (select unnest($2), unnest($3));
