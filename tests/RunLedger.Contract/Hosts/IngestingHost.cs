using System.Diagnostics;
using System.Globalization;
using System.Text;
using RunLedger.Contract.Samples;
using RunLedger.Domain.Observations;
using RunLedger.Postgres.Recording;

namespace RunLedger.Contract.Hosts;

/// <summary>Another process that records the same random observations whenever it is started, and says so only once it has a receipt.</summary>
internal sealed class IngestingHost : IDisposable
{
    public const string ConnectionVariable = "RUNLEDGER_TEST_INGEST";
    public const string EngineVariable = "RUNLEDGER_TEST_ENGINE";

    private const string End = ".";

    private readonly Process _process;

    private IngestingHost(Process process) => _process = process;

    /// <summary>The tenant that it records for.</summary>
    public static TenantId Tenant { get; } = new("ingested");

    public static IngestingHost Start(EngineDatabase database, string connectionString) =>
        new(Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["exec", database.GetType().Assembly.Location])
        {
            RedirectStandardOutput = true,
            Environment =
            {
                ["DOTNET_STARTUP_HOOKS"] = typeof(IngestingHost).Assembly.Location,
                [ConnectionVariable] = connectionString,
                [EngineVariable] = database.GetType().AssemblyQualifiedName,
            },
        })!);

    /// <summary>Kills it, as `kill -9` does, once it has given so many receipts.</summary>
    /// <returns>What it got receipts for, each with its version.</returns>
    public async Task<List<(string Json, long Version)>> KillAfterAsync(int receipts)
    {
        var told = new List<(string, long)>();
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            // The last line may be half a one.
            if (!line.EndsWith(End, StringComparison.Ordinal)) continue;
            var parts = line[..^End.Length].Split(' ');
            told.Add((Encoding.UTF8.GetString(Convert.FromBase64String(parts[1])), long.Parse(parts[0], CultureInfo.InvariantCulture)));
            if (told.Count == receipts) _process.Kill();
        }
        await _process.WaitForExitAsync();
        Assert.True(told.Count >= receipts, $"The host ended after {told.Count} receipts.");
        return told;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    /// <summary>What the other process does, until it is killed.</summary>
    public static async Task IngestAsync(EngineDatabase database, string connectionString)
    {
        await using var ledger = await database.OpenAsync(connectionString, new() { LargestBatch = 20 });
        var random = new Random(23);
        var waiting = new Queue<Task>();
        for (var run = 0; ; run++)
            foreach (var group in RandomHistory.Of(random, Tenant, $"run_{run}").Chunk(2))
            {
                waiting.Enqueue(RecordAsync(group));
                if (waiting.Count > 40) await waiting.Dequeue();
            }

        async Task RecordAsync(Submission.Observed[] group)
        {
            var receipts = await ledger.Recorder.RecordAsync(group, CancellationToken.None);
            foreach (var (submission, receipt) in group.Zip(receipts))
                Console.WriteLine($"{receipt.Version} {Convert.ToBase64String(submission.Observation.Snapshot.Json.Utf8.Span)}{End}");
        }
    }
}
