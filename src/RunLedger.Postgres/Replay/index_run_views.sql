select runledger.index_next('runledger.run_views', 'runledger.run_views_next');
