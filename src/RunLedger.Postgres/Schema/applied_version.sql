select coalesce(max(version), 0) from runledger.schema_versions;
