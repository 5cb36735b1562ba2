insert into runledger.rebuilds (runs, usage, runs_version, usage_version, dimensions, phase, position)
values ($1, $2, $3, $4, $5, 'copying', $6)
returning id;
