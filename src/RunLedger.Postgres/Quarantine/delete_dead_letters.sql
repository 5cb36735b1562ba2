delete from runledger_queues.wolverine_dead_letters where id = any($1);
