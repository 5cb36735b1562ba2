-- The verification that began last counts, whichever ended last.
update runledger.projections as view set verified_at = $1, differences = found.differences
from unnest($2, $3) as found (name, differences)
where view.name = found.name and (view.verified_at is null or view.verified_at <= $1);
