copy (
  select seq_id, tenant_id, stream_id, version, type, data
  from runledger.mt_events
  where seq_id > current_setting('runledger.after')::bigint and seq_id <= current_setting('runledger.up_to')::bigint
  order by seq_id
) to stdout (format binary)
