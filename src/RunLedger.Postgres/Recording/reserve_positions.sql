select array_agg(nextval('runledger.mt_events_sequence')) from generate_series(1, $1);
