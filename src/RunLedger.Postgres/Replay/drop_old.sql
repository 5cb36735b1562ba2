drop table if exists runledger.run_views_old, runledger.usage_buckets_old;
