lock table runledger.run_views, runledger.usage_buckets in access share mode;
