-- The transactions that may have taken positions and have not ended: taking one locks the sequence to the end of the transaction.
select virtualtransaction
from pg_locks
where locktype = 'relation' and mode = 'RowExclusiveLock' and relation = 'runledger.mt_events_sequence'::regclass
  and database = (select oid from pg_database where datname = current_database());
