-- Adds the next whole segments below a position ($1), at most 50 of them; tells up to where there are all. Another host that is at it is left to it.
with progress as (
  select indexed_before, least($1 / 2048 * 2048, indexed_before + 50 * 2048) as next
  from runledger.feed_progress
  for update skip locked
), added as (
  insert into runledger.feed_segments (tenant_id, segment)
  select distinct event.tenant_id, event.seq_id / 2048
  from progress
  join runledger.mt_events as event on event.seq_id >= progress.indexed_before and event.seq_id < progress.next
  on conflict do nothing
)
update runledger.feed_progress as known set indexed_before = greatest(progress.indexed_before, progress.next)
from progress
returning known.indexed_before;
