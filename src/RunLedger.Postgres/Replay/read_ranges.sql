select number, after, up_to, position, events from runledger.rebuild_ranges where rebuild_id = $1 order by number;
