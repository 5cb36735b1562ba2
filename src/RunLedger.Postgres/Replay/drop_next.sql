drop table if exists runledger.run_views_next, runledger.usage_buckets_next;
truncate runledger.rebuild_open, runledger.rebuild_seen, runledger.rebuild_pending, runledger.rebuild_usage;
