insert into runledger.contents (tenant_id, sha256, content)
select unnest($1), unnest($2), unnest($3)
on conflict do nothing;
