update runledger.rebuilds set attempt = attempt + 1, attempted_at = clock_timestamp(), updated_at = clock_timestamp(), failure = null
where ended_at is null
returning id, attempt, runs, usage, runs_version, usage_version, dimensions, phase, position;
