-- What nobody has taken although it was due some time ago, in the order in which Wolverine takes it: what keeps it from taking any stands in front.
select id, message_type, body, '', coalesce(execution_time, now())
from runledger_queues.wolverine_incoming_envelopes
where status <> 'Handled' and owner_id = 0 and (execution_time is null or execution_time < now() - interval '10 seconds')
order by execution_time nulls first
limit 500
for update skip locked;
