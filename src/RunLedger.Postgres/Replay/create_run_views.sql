create table runledger.run_views_next (like runledger.run_views including defaults including storage including comments) with (fillfactor = 70);
