-- What the live views take with their indexes, as far as they have rows for all streams; new ones take about the same.
select
  greatest(pg_total_relation_size('runledger.run_views'), 500 * streams.number),
  pg_total_relation_size('runledger.usage_buckets')
from (select greatest(reltuples, 0)::bigint as number from pg_class where oid = 'runledger.mt_streams'::regclass) as streams;
