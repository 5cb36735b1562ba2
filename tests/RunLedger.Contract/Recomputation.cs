using System.Data;
using System.Text;
using Npgsql;
using RunLedger.Contract.Json;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Usage;
using RunLedger.Postgres.Replay;

namespace RunLedger.Contract;

/// <summary>Recomputes from all events what the ledger keeps beside them, in one snapshot of the database, and compares.</summary>
public static class Recomputation
{
    /// <summary>
    /// Asserts that at this moment versions have no gaps, every observation is there as a whole, and streams, run views and usage buckets are
    /// what the events make of them.
    /// </summary>
    /// <returns>The number of events.</returns>
    public static async Task<int> AssertHoldsAsync(NpgsqlDataSource dataSource)
    {
        await using var connection = await dataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        // Before the snapshot is taken: a view that is switched afterwards would be empty in it.
        await using (var hold = new NpgsqlCommand("lock table runledger.run_views, runledger.usage_buckets in access share mode", connection))
            await hold.ExecuteNonQueryAsync();
        var live = await new ViewRegister(dataSource, ViewVersions.OfThisProgram).LiveAsync(CancellationToken.None);
        var runs = await RunsAsync(connection);
        var views = runs.ToDictionary(run => run.Key, run => RunView.Of(RunState.Fold(new RunId(run.Key.Run), run.Value)));

        AssertSame(views.ToDictionary(view => view.Key, view => view.Value.Version), await StreamVersionsAsync(connection));
        AssertSame(views.ToDictionary(view => view.Key, view => view.Value.InVersion(live.RunsVersion)), await ViewsAsync(connection));
        AssertSame(Buckets(views, live), await BucketsAsync(connection));
        return runs.Values.Sum(events => events.Count);
    }

    private static Dictionary<(string Tenant, UsageKey Key), UsageAmounts> Buckets(
        Dictionary<(string Tenant, string Run), RunView> views, LiveViews live) => views
        .Select(view => (view.Key.Tenant, Contribution: UsageContribution.Of(view.Value, live.Dimensions, live.UsageVersion)))
        .GroupBy(run => (run.Tenant, run.Contribution.Key))
        .ToDictionary(bucket => bucket.Key, bucket => bucket.Select(run => run.Contribution.Amounts).Aggregate(UsageAmounts.Add));

    private static async Task<Dictionary<(string Tenant, string Run), List<RunEvent>>> RunsAsync(NpgsqlConnection connection)
    {
        var runs = new Dictionary<(string, string), List<RunEvent>>();
        const string all = "select tenant_id, stream_id, version, type, data::text from runledger.mt_events order by tenant_id, stream_id, version";
        await foreach (var row in RowsAsync(connection, all))
        {
            var key = (row.GetString(0), row.GetString(1));
            if (!runs.TryGetValue(key, out var events)) runs.Add(key, events = []);
            events.Add(RunEventJson.Read(row.GetString(3), new JsonText(Encoding.UTF8.GetBytes(row.GetString(4)))));
            Assert.Equal((key, events.Count), (key, row.GetInt64(2)));
        }
        foreach (var (key, events) in runs) Assert.True(events[^1].Closes is not null, $"{key} ends with half an observation");
        return runs;
    }

    private static async Task<Dictionary<(string Tenant, string Run), long>> StreamVersionsAsync(NpgsqlConnection connection)
    {
        var versions = new Dictionary<(string, string), long>();
        await foreach (var row in RowsAsync(connection, "select tenant_id, id, version from runledger.mt_streams"))
            versions.Add((row.GetString(0), row.GetString(1)), row.GetInt64(2));
        return versions;
    }

    private static async Task<Dictionary<(string Tenant, string Run), RunView>> ViewsAsync(NpgsqlConnection connection)
    {
        var views = new Dictionary<(string, string), RunView>();
        await foreach (var row in RowsAsync(connection, "select *, metadata::text as metadata_text from runledger.run_views"))
        {
            T? Value<T>(string column) => row.GetValue(row.GetOrdinal(column)) is DBNull ? default : row.GetFieldValue<T>(row.GetOrdinal(column));
            views.Add((Value<string>("tenant_id")!, Value<string>("run_id")!), new RunView
            {
                RunId = Value<string>("run_id")!,
                Kind = Value<string>("kind")!,
                ThreadId = Value<string>("thread_id"),
                AssistantId = Value<string>("assistant_id"),
                Model = Value<string>("model"),
                Status = Value<string>("status")!,
                CreatedAt = Value<DateTimeOffset>("created_at"),
                StartedAt = Value<DateTimeOffset?>("started_at"),
                EndedAt = Value<DateTimeOffset?>("ended_at"),
                ExpiresAt = Value<DateTimeOffset?>("expires_at"),
                FirstObservedAt = Value<DateTimeOffset>("first_observed_at"),
                LastObservedAt = Value<DateTimeOffset>("last_observed_at"),
                Version = Value<long>("version"),
                Metadata = Value<string>("metadata_text") is { } metadata ? new JsonText(Encoding.UTF8.GetBytes(metadata)) : null,
                ErrorCode = Value<string>("error_code"),
                ErrorMessage = Value<string>("error_message"),
                IncompleteReason = Value<string>("incomplete_reason"),
                ToolCalls = Value<int>("tool_calls"),
                ToolNames = Value<string>("tool_names"),
                LateObservations = Value<int>("late_observations"),
                Contradictions = Value<int>("contradictions"),
                Usage = Value<long?>("prompt_tokens") is null ? null : Tokens(row),
            });
        }
        return views;
    }

    private static async Task<Dictionary<(string Tenant, UsageKey Key), UsageAmounts>> BucketsAsync(NpgsqlConnection connection)
    {
        var buckets = new Dictionary<(string, UsageKey), UsageAmounts>();
        await foreach (var row in RowsAsync(connection, "select * from runledger.usage_buckets"))
        {
            long Count(string column) => row.GetInt64(row.GetOrdinal(column));
            string Name(string column) => row.GetString(row.GetOrdinal(column));
            var amounts = new UsageAmounts(
                Count("runs"), Count("completed"), Count("failed"), Count("cancelled"), Count("incomplete"), Count("expired"), Tokens(row));
            var hour = row.GetFieldValue<DateTimeOffset>(row.GetOrdinal("hour"));
            // A bucket that all runs have left stays, with nothing in it.
            if (amounts != default) buckets.Add(
                (Name("tenant_id"), new UsageKey(hour, Name("model"), Name("assistant_id"), Name("kind"), Dimensions(row))), amounts);
        }
        return buckets;
    }

    private static DimensionValues Dimensions(NpgsqlDataReader row) => new(row.GetFieldValue<string[]>(row.GetOrdinal("dimensions")));

    private static TokenUsage Tokens(NpgsqlDataReader row)
    {
        long Count(string column) => row.GetInt64(row.GetOrdinal(column));
        return new TokenUsage(
            Count("prompt_tokens"), Count("completion_tokens"), Count("total_tokens"), Count("cached_tokens"), Count("reasoning_tokens"));
    }

    private static async IAsyncEnumerable<NpgsqlDataReader> RowsAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) yield return reader;
    }

    private static void AssertSame<TKey, TValue>(Dictionary<TKey, TValue> recomputed, Dictionary<TKey, TValue> stored) where TKey : notnull
    {
        Assert.Equal([], stored.Keys.Except(recomputed.Keys));
        Assert.Equal([], recomputed.Keys.Except(stored.Keys));
        foreach (var (key, expected) in recomputed)
        {
            var actual = stored[key];
            if (expected is RunView { Metadata: { } metadata } view && actual is RunView row)
            {
                JsonAssert.DeepEqual(metadata.ToString(), row.Metadata);
                Assert.Equal((key, view with { Metadata = null }), (key, row with { Metadata = null }));
            }
            else Assert.Equal((key, expected), (key, actual));
        }
    }
}
