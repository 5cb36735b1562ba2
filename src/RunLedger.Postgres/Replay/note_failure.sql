update runledger.rebuilds set failure = $1, updated_at = clock_timestamp() where ended_at is null;
