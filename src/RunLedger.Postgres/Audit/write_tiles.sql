insert into runledger.audit_tiles (tenant_id, level, tile, hashes, last_position)
select $1, unnest($2), unnest($3), unnest($4), unnest($5)
on conflict (tenant_id, level, tile) do update set hashes = excluded.hashes, last_position = excluded.last_position;
