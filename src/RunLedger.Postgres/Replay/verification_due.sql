-- The seconds until a view is to be verified, at most 0 if one is; and the database's time.
select
  case when count(verified_at) = count(*) then $1 - extract(epoch from clock_timestamp() - min(verified_at))::double precision else 0 end,
  clock_timestamp()
from runledger.projections;
