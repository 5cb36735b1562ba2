-- A run's row is written anew with every poll that shows something, and grows on its way. With this much room beside it nearly all new rows stay on the same
-- page, so that none of the indexes need be written too.
alter table runledger.run_views set (fillfactor = 70);
