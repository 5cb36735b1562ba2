using Npgsql;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;

namespace RunLedger.Postgres.Replay;

/// <summary>Rows of runs on their way into the new table; the connection is taken from the first row until they are complete.</summary>
internal sealed class RunRows(NpgsqlConnection connection, RebuildTarget target) : IAsyncDisposable
{
    private NpgsqlBinaryImporter? _copy;

    /// <summary>Writes the row of a run.</summary>
    public async ValueTask WriteAsync(TenantId tenant, RunView view, CancellationToken cancellationToken)
    {
        _copy ??= await connection.BeginBinaryImportAsync(Sql.Text("Replay/copy_run_views.sql"), cancellationToken);
        await ViewCopy.WriteRunAsync(_copy, tenant, view.InVersion(target.Versions.Runs), cancellationToken);
    }

    /// <summary>Gives up rows that were not completed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_copy is not null) await _copy.DisposeAsync();
    }

    /// <summary>Completes the rows written so far.</summary>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        if (_copy is null) return;
        await _copy.CompleteAsync(cancellationToken);
        await _copy.DisposeAsync();
        _copy = null;
    }
}
