analyze runledger.usage_buckets_next;
