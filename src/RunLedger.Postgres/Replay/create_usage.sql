create table runledger.usage_buckets_next (like runledger.usage_buckets including defaults including storage including comments) with (fillfactor = 50);
