delete from runledger.run_views_next as view using unnest($1, $2) as changed (tenant_id, run_id)
where view.tenant_id = changed.tenant_id and view.run_id = changed.run_id;
