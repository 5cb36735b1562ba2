-- What the live views take with their indexes, as far as they have rows for all streams; new ones take about the same. What a rebuild that was interrupted
-- has written is there already.
select
  greatest(pg_total_relation_size('runledger.run_views'), 500 * streams.number) - coalesce(pg_total_relation_size(to_regclass('runledger.run_views_next')), 0),
  pg_total_relation_size('runledger.usage_buckets') - coalesce(pg_total_relation_size(to_regclass('runledger.usage_buckets_next')), 0)
from (select greatest(reltuples, 0)::bigint as number from pg_class where oid = 'runledger.mt_streams'::regclass) as streams;
