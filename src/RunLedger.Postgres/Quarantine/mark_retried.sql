-- The outcome of a retry: recorded, or the defect that it still has.
update runledger.quarantine
set retried_at = $3, recorded_at = case when $4 then $3 end, field = $5, reason = $6
where tenant_id = $1 and id = $2;
