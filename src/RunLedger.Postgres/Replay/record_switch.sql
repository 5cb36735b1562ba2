with changed as (
  select name from runledger.projections
  where (name = 'runs' and $1 and version <> $3) or (name = 'usage' and $2 and (version <> $4 or dimensions <> $5::varchar[]))
), switched as (
  update runledger.projections
  set version = case name when 'runs' then $3 else $4 end, dimensions = case name when 'runs' then '{}' else $5::varchar[] end, rebuilt_at = clock_timestamp()
  where (name = 'runs' and $1) or (name = 'usage' and $2)
)
update runledger.view_epoch set epoch = epoch + 1 where exists (select from changed);
