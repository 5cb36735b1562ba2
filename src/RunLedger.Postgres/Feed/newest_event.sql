-- The newest event of a tenant ($1): within a tenant positions are commit order, so that whatever is committed later stands behind it. Where it has none behind
-- what is settled ($2), what is settled: positions of indexed segments are, and are not looked through.
select coalesce(
  (select seq_id from runledger.mt_events where tenant_id = $1 and seq_id > settled.up_to order by seq_id desc limit 1),
  settled.up_to)
from (select greatest($2, indexed_before - 1) as up_to from runledger.feed_progress) as settled;
