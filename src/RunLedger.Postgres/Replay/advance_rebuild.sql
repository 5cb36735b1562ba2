update runledger.rebuilds
set phase = $3, position = $4, updated_at = clock_timestamp(), ended_at = case when $3 in ('switched', 'abandoned') then clock_timestamp() end, failure = $5
where id = $1 and attempt = $2 and ended_at is null;
