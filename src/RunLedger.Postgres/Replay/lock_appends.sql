-- Waits for the appends that are under way and keeps others from beginning, until the transaction ends: whatever is committed then is all that has
-- positions. A transaction that hangs with its locks must not keep all others waiting.
select set_config('lock_timeout', '300ms', true), pg_advisory_xact_lock(hashtextextended('runledger.appends', 0));
