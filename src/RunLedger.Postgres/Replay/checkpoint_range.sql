with checkpoint as (
  update runledger.rebuilds set updated_at = clock_timestamp() where id = $1 and attempt = $2 and ended_at is null returning id
)
update runledger.rebuild_ranges
set position = $4, events = events + $5, attempt_events = attempt_events + $5
where rebuild_id = (select id from checkpoint) and number = $3;
