-- Locks the rows of streams and makes those that are new, in one pass and in the order in which all writers do, so that two who append to the same
-- streams wait for each other here, before either holds anything that the other needs. A row that is new has version 0 until its events come. The
-- appends' lock is shared to the commit, as in upsert_streams.
insert into runledger.mt_streams as stream (tenant_id, id, version, timestamp, created)
select tenant_id, id, 0, now_here, now_here
from unnest($1, $2) as appended (tenant_id, id)
cross join (select $3 as now_here) as clock
where (select pg_advisory_xact_lock_shared(hashtextextended('runledger.appends', 0))::text) is not null
order by tenant_id collate "C", id collate "C"
on conflict (tenant_id, id) do update set version = stream.version where false;
