select to_regclass('runledger.schema_versions') is not null;
