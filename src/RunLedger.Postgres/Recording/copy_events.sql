copy runledger.mt_events (seq_id, id, tenant_id, stream_id, version, type, mt_dotnet_type, data, correlation_id, timestamp) from stdin (format binary)
