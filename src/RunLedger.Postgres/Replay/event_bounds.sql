select coalesce(min(seq_id), 1) - 1, coalesce(max(seq_id), 0) from runledger.mt_events;
