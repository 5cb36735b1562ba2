-- Few, because each may be as large as an answer. Those that somebody has Wolverine handle once more are Wolverine's.
select id, message_type, body, coalesce(exception_message, exception_type, ''), coalesce(sent_at, now())
from runledger_queues.wolverine_dead_letters
where replayable is not true
order by sent_at
limit 20
for update skip locked;
