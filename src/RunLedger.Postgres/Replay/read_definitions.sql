select epoch, runs.version, usage.version, usage.dimensions
from runledger.view_epoch, runledger.projections as runs, runledger.projections as usage
where runs.name = 'runs' and usage.name = 'usage';
