analyze runledger.run_views_next;
