create temporary table recomputed_usage (like runledger.usage_buckets) on commit drop;
