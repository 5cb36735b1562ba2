-- Ends a turn with what the poll came to, and holds the watch for the next one: until it has been due for a while. Nothing if it was held for another.
update runledger.watches
set
  next_poll_at = now() + $7,
  pause = $7,
  attempts = $8,
  last_outcome = $9,
  last_error = $10,
  listed_to = coalesce($11, listed_to),
  lease_owner = $6,
  lease_until = now() + $7 + $12
where tenant_id = $1 and upstream = $2 and thread_id = $3 and run_id = $4 and lease_owner = $5;
