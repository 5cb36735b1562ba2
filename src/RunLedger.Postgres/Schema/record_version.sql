insert into runledger.schema_versions (version, name) values ($1, $2);
