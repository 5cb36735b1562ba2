insert into runledger.contents (tenant_id, sha256, content)
select * from unnest($1, $2, $3)
on conflict do nothing;
