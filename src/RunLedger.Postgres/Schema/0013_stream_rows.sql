-- A stream's row is written anew with every append. Room beside it keeps the new row on the same page, so that the key's index need not be written too.
alter table runledger.mt_streams set (fillfactor = 80);
