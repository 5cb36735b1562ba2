using System.Buffers;
using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Host.Capture;
using RunLedger.Postgres.Runs;

namespace RunLedger.Host.CommandLine.Exporting;

/// <summary>
/// Writes all runs of a tenant as lines that <c>import</c> takes back: as the observed snapshots, or as events. Runs stand in the order of
/// their ids.
/// </summary>
internal sealed class LedgerExport(RunReader runs, TenantId tenant, bool asEvents)
{
    private const int RunsAtOnce = 100;
    private const int FlushAt = 1 << 20;

    private readonly ArrayBufferWriter<byte> _lines = new(FlushAt * 2);

    /// <summary>How many runs are written.</summary>
    public long Runs { get; private set; }

    /// <summary>How many lines are written.</summary>
    public long Lines { get; private set; }

    /// <summary>How many bytes are written.</summary>
    public long Bytes { get; private set; }

    /// <summary>Writes the export.</summary>
    public async Task WriteAsync(Stream output, CancellationToken cancellationToken)
    {
        for (var last = ""; ;)
        {
            var ids = await runs.NextAsync(tenant, last, RunsAtOnce, cancellationToken);
            if (ids.Count == 0) break;
            var histories = await runs.HistoriesAsync(tenant, ids, cancellationToken);
            foreach (var id in ids)
                if (histories.TryGetValue(id, out var history)) await WriteAsync(history, output, cancellationToken);
            last = ids[^1];
        }
        await FlushAsync(output, cancellationToken);
        await output.FlushAsync(cancellationToken);
    }

    private async Task WriteAsync(RunHistory history, Stream output, CancellationToken cancellationToken)
    {
        var contents = await runs.ContentsAsync(tenant, history, cancellationToken);
        if (asEvents)
        {
            foreach (var recorded in history.Events)
            {
                EventLine.Write(history.Id, recorded, contents, _lines);
                await CountLineAsync(output, cancellationToken);
            }
        }
        else
        {
            foreach (var told in Retelling.Of(history, contents))
            {
                ObservationWriter.Write(told.Observation, _lines);
                await CountLineAsync(output, cancellationToken);
            }
        }
        Runs++;
    }

    private async ValueTask CountLineAsync(Stream output, CancellationToken cancellationToken)
    {
        Lines++;
        if (_lines.WrittenCount >= FlushAt) await FlushAsync(output, cancellationToken);
    }

    private async Task FlushAsync(Stream output, CancellationToken cancellationToken)
    {
        await output.WriteAsync(_lines.WrittenMemory, cancellationToken);
        Bytes += _lines.WrittenCount;
        _lines.ResetWrittenCount();
    }
}
