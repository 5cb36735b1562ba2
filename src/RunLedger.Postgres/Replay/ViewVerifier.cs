using System.Data;
using System.Diagnostics;
using System.Globalization;
using Npgsql;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Usage;
using RunLedger.Postgres.Recording;
using RunLedger.Postgres.Runs;

namespace RunLedger.Postgres.Replay;

/// <summary>
/// Recomputes views from all events, and compares: in one snapshot of the database, run after run in the order of their streams, so that memory is bounded and
/// nobody has to wait. Events that are lost show themselves by the versions, which have no gaps, and by the streams, which know the last one.
/// </summary>
internal sealed class ViewVerifier(NpgsqlDataSource dataSource, ViewRegister views, ReplayLimits limits)
{
    private static readonly string[] Amounts =
    [
        "runs", "completed", "failed", "cancelled", "incomplete", "expired", "prompt_tokens", "completion_tokens", "total_tokens", "cached_tokens", "reasoning_tokens",
    ];

    private readonly UsageSums _usage = new();
    private long _events;
    private long _runs;
    private long _differences;

    /// <summary>Verifies views.</summary>
    /// <param name="names">Which; any of <see cref="ViewNames"/>.</param>
    /// <param name="found">Is told each difference, as it is found.</param>
    /// <param name="tell">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="NewerViewsException">A view is of a newer program.</exception>
    public async Task<Verification> VerifyAsync(
        IReadOnlyCollection<string> names, Action<Difference> found, Action<VerifyProgress> tell, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        // Before the snapshot is taken: a view that is switched afterwards would be empty in it.
        await connection.ExecuteAsync("Replay/hold_views.sql", cancellationToken);
        var live = await ViewRegister.ReadAsync(connection, cancellationToken);
        views.RequireKnown(live);
        await connection.ExecuteAsync("Replay/create_recomputed_usage.sql", cancellationToken);

        var report = (Difference difference) =>
        {
            _differences++;
            found(difference);
        };
        var streams = await StreamsAfterAsync(connection, null, cancellationToken);
        for (; streams.Count > 0; streams = await StreamsAfterAsync(connection, streams[^1].Key, cancellationToken))
        {
            await VerifyRunsAsync(connection, streams, live, names, report, cancellationToken);
            if (_usage.All.Count > limits.BucketsInMemory) await FlushUsageAsync(connection, cancellationToken);
            tell(new VerifyProgress(_events, _runs, _differences, Stopwatch.GetElapsedTime(started)));
        }
        await FindStraysAsync(connection, names, report, cancellationToken);
        if (names.Contains(ViewNames.Usage)) await VerifyUsageAsync(connection, live, report, cancellationToken);
        return new Verification(_events, _runs, _differences, Stopwatch.GetElapsedTime(started));
    }

    private async Task<List<(RunKey Key, long Version)>> StreamsAfterAsync(NpgsqlConnection connection, RunKey? after, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text("Replay/next_streams.sql"), connection)
        {
            Parameters =
            {
                QueryParameter.Text(after?.Tenant.Value ?? ""),
                QueryParameter.Text(after?.Run.Value ?? ""),
                new NpgsqlParameter<int> { TypedValue = limits.RunsInBatch },
            },
        };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var streams = new List<(RunKey, long)>();
        while (await row.ReadAsync(cancellationToken)) streams.Add((new RunKey(new TenantId(row.GetString(0)), new RunId(row.GetString(1))), row.GetInt64(2)));
        return streams;
    }

    private async Task VerifyRunsAsync(
        NpgsqlConnection connection, List<(RunKey Key, long Version)> streams, LiveViews live, IReadOnlyCollection<string> names, Action<Difference> report,
        CancellationToken cancellationToken)
    {
        var stored = names.Contains(ViewNames.Runs) ? await RowsAsync(connection, streams, cancellationToken) : null;
        var recomputed = await RecomputeAsync(connection, streams, live, report, cancellationToken);
        for (var i = 0; i < streams.Count; i++)
        {
            var (tenant, run) = streams[i].Key;
            if (recomputed[i] is not { } view) continue;
            _usage.Add(tenant, UsageContribution.Of(view, live.Dimensions, live.UsageVersion));
            if (stored is not null && RunComparison.Of(view.InVersion(live.RunsVersion), stored[i]) is { } what)
                report(new Difference(ViewNames.Runs, tenant.Value, run.Value, what));
        }
        _runs += streams.Count;
    }

    private static async Task<RunView?[]> RowsAsync(NpgsqlConnection connection, List<(RunKey Key, long Version)> streams, CancellationToken cancellationToken)
    {
        await using var command = OfRuns("Replay/read_run_views.sql", connection, streams);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new RunView?[streams.Count];
        while (await row.ReadAsync(cancellationToken)) rows[row.GetInt64(26) - 1] = RunReader.View(row);
        return rows;
    }

    // A run of which events are lost has no row to compare: what the rest makes of it is nobody's truth. Its usage counts as far as it is there.
    private async Task<RunView?[]> RecomputeAsync(
        NpgsqlConnection connection, List<(RunKey Key, long Version)> streams, LiveViews live, Action<Difference> report, CancellationToken cancellationToken)
    {
        var states = new RunState?[streams.Count];
        var last = new long[streams.Count];
        await using (var command = OfRuns("Replay/read_all_of_runs.sql", connection, streams))
        {
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
            {
                var (i, version) = ((int)row.GetInt64(0) - 1, row.GetInt64(1));
                if (version > last[i] + 1) report(Lost(streams[i].Key, LostFrom(last[i] + 1, version - 1)));
                last[i] = version;
                _events++;
                try
                {
                    states[i] = (states[i] ?? RunState.New(streams[i].Key.Run)).Apply(RunEventJson.ReadForViews(row.GetString(2), new JsonText(row.GetFieldValue<byte[]>(3))));
                }
                catch (Exception broken) when (broken is InvalidDataException or FormatException or System.Text.Json.JsonException)
                {
                    report(Lost(streams[i].Key, $"event {version} cannot be read: {broken.Message}"));
                }
            }
        }
        var recomputed = new RunView?[streams.Count];
        for (var i = 0; i < recomputed.Length; i++)
        {
            var (key, version) = streams[i];
            if (last[i] < version) report(Lost(key, $"{LostFrom(last[i] + 1, version)}: the stream is at version {version}"));
            if (last[i] > version) report(Lost(key, $"the stream is at version {version}, its last event is {last[i]}"));
            if (states[i] is { } state && state.Version == last[i] && last[i] == version) recomputed[i] = RunView.Of(state);
            else if (states[i] is { } part) _usage.Add(key.Tenant, UsageContribution.Of(RunView.Of(part), live.Dimensions, live.UsageVersion));
        }
        return recomputed;
    }

    // As many as a stream's version says may be lost: they are one difference.
    private static string LostFrom(long first, long last) => first == last ? $"event {first} is lost" : $"events {first} to {last} are lost";

    private static Difference Lost(RunKey key, string what) => new(Difference.Events, key.Tenant.Value, key.Run.Value, what);

    private static async Task FindStraysAsync(
        NpgsqlConnection connection, IReadOnlyCollection<string> names, Action<Difference> report, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text("Replay/rows_without_events.sql"), connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var (isRow, tenant, run) = (row.GetString(0) == "row", row.GetString(1), row.GetString(2));
            if (!isRow) report(new Difference(Difference.Events, tenant, run, "the stream of these events is lost"));
            else if (names.Contains(ViewNames.Runs)) report(new Difference(ViewNames.Runs, tenant, run, "there is a row, but no event"));
        }
    }

    private async Task FlushUsageAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await ViewCopy.WriteUsageAsync(connection, "Replay/copy_recomputed_usage.sql", _usage.All, cancellationToken);
        _usage.Clear();
    }

    private async Task VerifyUsageAsync(NpgsqlConnection connection, LiveViews live, Action<Difference> report, CancellationToken cancellationToken)
    {
        await FlushUsageAsync(connection, cancellationToken);
        await using var command = new NpgsqlCommand(Sql.Text("Replay/compare_usage.sql"), connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var hour = row.GetFieldValue<DateTimeOffset>(1).UtcDateTime.ToString("yyyy-MM-dd'T'HH'h'", CultureInfo.InvariantCulture);
            string[] names = ["model", "assistant", "kind", .. live.Dimensions.Select(dimension => dimension.Name)];
            string[] values = [row.GetString(2), row.GetString(3), row.GetString(4), .. row.GetFieldValue<string[]>(5)];
            var (expected, stored) = (row.GetFieldValue<long[]>(6), row.GetFieldValue<long[]>(7));
            var differing = Amounts.Select((name, i) => (name, Expected: expected[i], Stored: stored[i])).Where(amount => amount.Expected != amount.Stored)
                .Select(amount => string.Create(CultureInfo.InvariantCulture, $"{amount.name} is {amount.Stored}, by the events {amount.Expected}"));
            var bucket = string.Join(", ", names.Zip(values, (name, value) => $"{name} '{value}'"));
            report(new Difference(ViewNames.Usage, row.GetString(0), $"{hour}, {bucket}", string.Join("; ", differing)));
        }
    }

    private static NpgsqlCommand OfRuns(string path, NpgsqlConnection connection, List<(RunKey Key, long Version)> streams) => new(Sql.Text(path), connection)
    {
        Parameters = { Columns.Text(streams, stream => stream.Key.Tenant.Value), Columns.Text(streams, stream => stream.Key.Run.Value) },
    };
}

/// <summary>How far a verification is.</summary>
/// <param name="Events">The events read.</param>
/// <param name="Runs">The runs compared.</param>
/// <param name="Differences">The differences found.</param>
/// <param name="Elapsed">The time since it began.</param>
public sealed record VerifyProgress(long Events, long Runs, long Differences, TimeSpan Elapsed);
