-- Held to the commit: the views that are written from here on are not switched meanwhile.
select pg_advisory_xact_lock_shared(hashtextextended('runledger.appends', 0));
