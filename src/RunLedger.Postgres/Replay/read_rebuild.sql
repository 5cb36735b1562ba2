-- The rebuild under way, or interrupted where nobody holds its lock.
select
  rebuild.id, rebuild.runs, rebuild.usage, rebuild.phase, rebuild.started_at, rebuild.updated_at, rebuild.failure,
  coalesce(sum(range.up_to - range.after), 0)::bigint, coalesce(sum(range.position - range.after), 0)::bigint, coalesce(sum(range.events), 0)::bigint,
  coalesce(sum(range.attempt_events), 0)::bigint, extract(epoch from rebuild.updated_at - rebuild.attempted_at)::double precision,
  exists (
    select from pg_locks
    where locktype = 'advisory' and granted and objsubid = 1 and database = (select oid from pg_database where datname = current_database())
      and (classid::bigint << 32) | objid::bigint = hashtextextended('runledger.rebuild', 0)),
  rebuild.runs_version, rebuild.usage_version, rebuild.dimensions
from runledger.rebuilds as rebuild left join runledger.rebuild_ranges as range on range.rebuild_id = rebuild.id
where rebuild.ended_at is null
group by rebuild.id;
