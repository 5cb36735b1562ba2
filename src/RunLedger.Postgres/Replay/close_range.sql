delete from runledger.rebuild_open where number = $1;
