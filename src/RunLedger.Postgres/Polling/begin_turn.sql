-- Holds a watch for the poll whose turn it is, under a new name; nothing if it is not its turn any more.
update runledger.watches
set lease_owner = $6, lease_until = now() + $7
where tenant_id = $1 and upstream = $2 and thread_id = $3 and run_id = $4 and lease_owner = $5;
