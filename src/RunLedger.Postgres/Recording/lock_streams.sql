-- In one order everywhere, so that nobody waits for a row while others wait for one of its own.
select stream.version
from unnest($1, $2) as appended (tenant_id, id)
join runledger.mt_streams as stream on stream.tenant_id = appended.tenant_id and stream.id = appended.id
order by stream.tenant_id collate "C", stream.id collate "C"
for update of stream;
