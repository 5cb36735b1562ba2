select pg_advisory_lock(hashtextextended('runledger.schema', 0));
