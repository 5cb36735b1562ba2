-- Removes the prices of a pattern, or only the one that begins at a time.
delete from runledger.prices
where tenant_id = $1 and model = $2 and ($3::timestamptz is null or effective_from = $3);
