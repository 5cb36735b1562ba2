-- Shares the appends' lock to the commit, so that the views that are written from here on are not switched meanwhile. It is part of this statement
-- because a statement of its own costs a lone append more than the lock.
insert into runledger.mt_streams (tenant_id, id, version, timestamp, created)
select unnest($1), unnest($2), unnest($3), $4, $4
where (select pg_advisory_xact_lock_shared(hashtextextended('runledger.appends', 0))::text) is not null
on conflict (tenant_id, id) do update set version = excluded.version, timestamp = excluded.timestamp;
