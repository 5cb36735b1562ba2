-- One at a time seals a tenant's events.
select pg_advisory_xact_lock(hashtextextended('runledger.audit.' || $1, 0));
