-- Removes a watch, whoever polls it.
delete from runledger.watches where tenant_id = $1 and upstream = $2 and thread_id = $3 and run_id = $4;
