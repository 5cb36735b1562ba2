copy runledger.rebuild_open (number, tenant_id, run_id) from stdin (format binary)
