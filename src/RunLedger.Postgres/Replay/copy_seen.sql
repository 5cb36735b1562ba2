copy runledger.rebuild_seen (tenant_id, run_id, version) from stdin (format binary)
