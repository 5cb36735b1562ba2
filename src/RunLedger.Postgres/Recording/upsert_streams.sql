insert into runledger.mt_streams (tenant_id, id, version, timestamp, created)
select tenant_id, id, version, $4, $4 from unnest($1, $2, $3) as appended (tenant_id, id, version)
on conflict (tenant_id, id) do update set version = excluded.version, timestamp = excluded.timestamp;
