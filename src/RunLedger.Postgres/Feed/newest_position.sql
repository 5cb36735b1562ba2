-- The newest position of a committed event: unlike one that was only taken, no crash of PostgreSQL gives it out again.
select coalesce(max(seq_id), 0) from runledger.mt_events;
