-- What the ranges left to be recomputed. A run stands in the new tables at the version before the first of its events that was seen too late.
insert into runledger.rebuild_pending (tenant_id, run_id, version)
select tenant_id, run_id, min(version) from runledger.rebuild_seen group by tenant_id, run_id;
