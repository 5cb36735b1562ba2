delete from runledger_queues.wolverine_incoming_envelopes where id = any($1);
