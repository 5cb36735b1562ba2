-- So many ranges of about the same width, after one position and up to another.
insert into runledger.rebuild_ranges (rebuild_id, number, after, up_to, position)
select $1, number, low, case when number = $4 then $3 else low + width end, low
from generate_series(1, $4) as number,
  lateral (select ($3 - $2) / $4 as width) as equal,
  lateral (select $2 + (number - 1) * width as low) as bound;
