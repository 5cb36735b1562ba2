-- The states that the range had in memory are gone: their runs are recomputed in the end.
with reopened as (
  delete from runledger.rebuild_open where number = $1 returning tenant_id, run_id
)
insert into runledger.rebuild_seen select tenant_id, run_id, 0 from reopened;
