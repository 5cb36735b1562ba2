delete from runledger.rebuild_pending
where (tenant_id, run_id) in (select tenant_id, run_id from runledger.rebuild_pending order by tenant_id, run_id limit $1)
returning tenant_id, run_id, version;
