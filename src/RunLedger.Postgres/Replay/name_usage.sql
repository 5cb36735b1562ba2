select runledger.name_usage();
