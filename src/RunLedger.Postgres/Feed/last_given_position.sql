-- The newest position that was given, whether or not what took it has been committed.
select case when is_called then last_value else last_value - 1 end from runledger.mt_events_sequence;
