-- Holds a watch for another poll than the one that it was held for, later. Nothing if it was held for another.
update runledger.watches
set next_poll_at = now() + $7, lease_owner = $6, lease_until = now() + $7 + $8
where tenant_id = $1 and upstream = $2 and thread_id = $3 and run_id = $4 and lease_owner = $5;
