-- For a connection that records: events are not looked up in mt_streams one by one when they are written, which costs half of what copying them does. Their
-- streams' rows were written by the same transaction, which holds them locked to its end. Only a superuser may say so; and where others have triggers on
-- the ledger's tables, these are to run.
select set_config('session_replication_role', 'replica', false)
where current_setting('is_superuser') = 'on'
  and not exists (
    select
    from pg_trigger as trigger
    join pg_class as class on class.oid = trigger.tgrelid
    where class.relnamespace = to_regnamespace('runledger') and not trigger.tgisinternal);
