select pg_advisory_unlock(hashtextextended('runledger.schema', 0));
