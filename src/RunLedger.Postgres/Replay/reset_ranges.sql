update runledger.rebuild_ranges set attempt_events = 0 where rebuild_id = $1;
