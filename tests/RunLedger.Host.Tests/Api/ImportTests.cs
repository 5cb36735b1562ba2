using System.Text;
using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;
using RunLedger.Host.Capture;
using RunLedger.Postgres;
using RunLedger.Postgres.Usage;

namespace RunLedger.Host.Tests.Api;

[Collection(TestDatabase.Collection)]
public sealed class ImportTests(TestDatabase database) : IAsyncLifetime
{
    private static readonly CaptureOptions Options = new("import") { AllowExchanges = true };
    private static readonly ImportLimits Small = new() { ItemsInChunk = 10, ChunksAtATime = 2 };

    private Ledger _ledger = null!;
    private ObservationIntake _intake = null!;

    public async Task InitializeAsync()
    {
        _ledger = await database.OpenLedgerAsync();
        _intake = new ObservationIntake(_ledger, TimeProvider.System);
    }

    public async Task DisposeAsync() => await _ledger.DisposeAsync();

    [Fact]
    public async Task A_stream_is_recorded_in_chunks_in_the_order_of_the_input()
    {
        var lines = Enumerable.Range(0, 95).Select(i => Samples.Run($"run_{i:00}")).ToList();
        var input = Input(string.Join('\n', lines));

        var chunks = await ImportAsync(input);

        Assert.Equal(10, chunks.Count);
        Assert.Equal(new IntakeCounts(95, 0, 0, 0, 0), Sum(chunks));
        Assert.Equal(
            Enumerable.Range(0, 95).Select(i => $"run_{i:00}"),
            chunks.SelectMany(chunk => chunk.Receipts).Select(receipt => receipt.Receipt!.Run!.Value.Value));
        Assert.Equal(chunks.Select(chunk => chunk.BytesRead).Order(), chunks.Select(chunk => chunk.BytesRead));
        Assert.Equal(input.Length, chunks[^1].BytesRead);
    }

    [Fact]
    public async Task An_import_that_is_run_again_changes_nothing()
    {
        var text = string.Join('\n', Enumerable.Range(0, 30).Select(i => Samples.Run($"run_{i}")));
        await ImportAsync(Input(text));

        Assert.Equal(new IntakeCounts(0, 30, 0, 0, 0), Sum(await ImportAsync(Input(text))));
    }

    [Fact]
    public async Task Bad_items_are_quarantined_and_exchanges_without_runs_skipped()
    {
        const string NotFound =
            """{"n":1,"method":"GET","path":"/v1/threads/t/runs/r","request":null,"status":404,"content_type":"application/json","body":{"error":{}}}""";
        var text = string.Join('\n', Samples.Run("run_1"), "not json", NotFound, Samples.Run("run_2"));

        var chunks = await ImportAsync(Input(text));

        Assert.Equal(new IntakeCounts(2, 0, 0, 1, 1), Sum(chunks));
        Assert.Equal("line 2", Assert.Single(await _ledger.Quarantine.ListAsync(TenantId.Default, 0, 10, CancellationToken.None)).Pointer);
    }

    [Fact]
    public async Task A_broken_array_is_recorded_up_to_the_break_which_the_last_chunk_names()
    {
        var chunks = await ImportAsync(Input($"[{string.Join(",\n", Enumerable.Range(0, 25).Select(i => Samples.Run($"run_{i}")))}"));

        Assert.Equal(25, Sum(chunks).Recorded);
        Assert.All(chunks.SkipLast(1), chunk => Assert.Null(chunk.Broken));
        Assert.Equal(25, chunks[^1].Broken!.Line);
    }

    [Fact]
    public async Task An_import_that_is_cancelled_tells_of_all_that_is_recorded_before_it_ends()
    {
        using var cancelled = new CancellationTokenSource();
        var input = Input(string.Join('\n', Enumerable.Range(0, 500).Select(i => Samples.Run($"run_{i}"))));
        var told = 0L;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var chunk in _intake.ImportAsync(TenantId.Default, input, Options, Small, cancelled.Token))
            {
                told += chunk.Counts.Recorded;
                await cancelled.CancelAsync();
            }
        });

        Assert.Equal(20, told); // The chunk that was given first, and the one that was on its way.
        Assert.Equal(told, await RecordedAsync());
    }

    [Fact]
    public async Task What_stands_before_the_point_at_which_a_stream_cannot_be_read_on_is_recorded_and_told_of()
    {
        var lines = Enumerable.Range(0, 25).Select(i => Samples.Run($"run_{i}"));
        var told = 0L;

        var failure = await Assert.ThrowsAsync<IOException>(async () =>
        {
            await using var input = new BreakingStream(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n{\"object\":\"thread.run\",\"id\":\"run_cut"));
            await foreach (var chunk in _intake.ImportAsync(TenantId.Default, input, Options, Small, CancellationToken.None)) told += chunk.Counts.Recorded;
        });

        Assert.Equal("The medium is broken.", failure.Message);
        Assert.Equal(25, told);
        Assert.Equal(told, await RecordedAsync());
    }

    private async Task<long> RecordedAsync() => (await _ledger.Usage.ReportAsync(TenantId.Default, new UsageQuery(), CancellationToken.None)).Sum(row => row.Amounts.Runs);

    private async Task<List<IntakeChunk>> ImportAsync(MemoryStream input)
    {
        var chunks = new List<IntakeChunk>();
        await foreach (var chunk in _intake.ImportAsync(TenantId.Default, input, Options, Small, CancellationToken.None)) chunks.Add(chunk);
        return chunks;
    }

    private static MemoryStream Input(string text) => new(Encoding.UTF8.GetBytes(text));

    private static IntakeCounts Sum(IEnumerable<IntakeChunk> chunks) => chunks.Aggregate(default(IntakeCounts), (sum, chunk) => sum + chunk.Counts);

    /// <summary>A stream that fails after its last byte, instead of ending.</summary>
    private sealed class BreakingStream(byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is > 0 and var read ? read : throw new IOException("The medium is broken.");
    }
}
