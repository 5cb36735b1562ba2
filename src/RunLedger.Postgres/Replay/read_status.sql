select name, version, dimensions, rebuilt_at from runledger.projections order by name;
