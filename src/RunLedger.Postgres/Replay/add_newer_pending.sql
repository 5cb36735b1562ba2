-- The runs of events in a range of positions; each stands in the new tables at the version before the first of them.
insert into runledger.rebuild_pending as pending (tenant_id, run_id, version)
select tenant_id, stream_id, min(version) - 1 from runledger.mt_events where seq_id > $1 and seq_id <= $2 group by tenant_id, stream_id
on conflict (tenant_id, run_id) do update set version = least(pending.version, excluded.version);
