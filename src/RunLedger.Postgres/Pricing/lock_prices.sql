-- Held to the commit: which prices of a list are kept depends on those that are there.
select pg_advisory_xact_lock(hashtextextended('runledger.prices ' || $1, 0));
