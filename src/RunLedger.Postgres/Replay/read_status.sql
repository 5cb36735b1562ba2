select name, version, dimensions, rebuilt_at, verified_at, differences from runledger.projections order by name;
