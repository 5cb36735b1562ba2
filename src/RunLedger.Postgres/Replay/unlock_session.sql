select pg_advisory_unlock(hashtextextended('runledger.rebuild', 0));
