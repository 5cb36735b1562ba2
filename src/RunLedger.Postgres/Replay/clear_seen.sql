truncate runledger.rebuild_seen, runledger.rebuild_open;
