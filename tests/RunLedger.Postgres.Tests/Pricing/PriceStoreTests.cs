using Npgsql;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Pricing;
using RunLedger.Postgres.Pricing;
using RunLedger.Postgres.Schema;
using RunLedger.Postgres.Tests.Embedded;

namespace RunLedger.Postgres.Tests.Pricing;

public sealed class PriceStoreTests(RunningServer server) : IClassFixture<RunningServer>
{
    private static readonly DateTimeOffset January = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset February = January.AddMonths(1);

    [Fact]
    public async Task Lists_that_come_at_once_are_taken_in_one_after_the_other()
    {
        await using var source = NpgsqlDataSource.Create(await server.Postgres.CreateDatabaseAsync("prices"));
        await SchemaMigrator.MigrateAsync(source, _ => Task.CompletedTask, CancellationToken.None);
        var store = new PriceStore(source);
        await SetAsync(store, ("a", Price.Always, 5), ("b", Price.Always, 1));

        await using var connection = await source.OpenConnectionAsync();
        await using var other = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("select 1 from runledger.prices where model = 'b' for update", connection)) await hold.ExecuteNonQueryAsync();
        var first = SetAsync(store, ("a", January, 3), ("b", Price.Always, 2));
        await AreWaitingAsync(source, 1);
        var second = SetAsync(store, ("a", February, 5), ("b", Price.Always, 3));
        await AreWaitingAsync(source, 2);
        await other.RollbackAsync();
        await Task.WhenAll(first, second);

        Assert.Equal(
            [("a", Price.Always, 5m), ("a", January, 3m), ("a", February, 5m), ("b", Price.Always, 3m)],
            (await store.ListAsync(TenantId.Default, CancellationToken.None)).Select(one => (one.Price.Model, one.Price.From, one.Price.Tokens.Prompt)));
    }

    private static Task<PriceChanges> SetAsync(PriceStore store, params (string Model, DateTimeOffset From, decimal Amount)[] prices) => store.SetAsync(
        TenantId.Default, new PriceList([.. prices.Select(one => new Price(one.Model, one.From, new TokenPrices(one.Amount, one.Amount, one.Amount)))]),
        "test", January, CancellationToken.None);

    private static Task AreWaitingAsync(NpgsqlDataSource source, int count) => Eventually.HoldsAsync($"{count} wait for a lock", async () =>
    {
        await using var command = source.CreateCommand("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");
        return (long)(await command.ExecuteScalarAsync())! == count;
    });
}
