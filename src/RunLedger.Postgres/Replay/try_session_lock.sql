select pg_try_advisory_lock(hashtextextended('runledger.rebuild', 0));
