select runledger.index_next('runledger.usage_buckets', 'runledger.usage_buckets_next');
