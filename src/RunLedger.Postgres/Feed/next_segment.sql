select segment
from runledger.feed_segments
where tenant_id = $1 and segment >= $2
order by segment
limit 1;
