select exists (select from runledger.mt_events);
