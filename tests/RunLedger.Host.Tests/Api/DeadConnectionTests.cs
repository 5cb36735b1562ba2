using Npgsql;
using RunLedger.Domain.Observations;
using RunLedger.Host.Tests.Polling;
using RunLedger.Postgres.Polling;

namespace RunLedger.Host.Tests.Api;

/// <summary>After the server restarted, or ended connections, every pooled connection is dead: the next reading does not show it.</summary>
[Collection(TestDatabase.Collection)]
public sealed class DeadConnectionTests(TestApi api, TestDatabase database) : IClassFixture<TestApi>
{
    [Theory]
    [InlineData("/v1/threads/thread_1/runs")]
    [InlineData("/v1/threads/thread_1/runs/run_dead")]
    [InlineData("/v1/runs?limit=1")]
    [InlineData("/v1/runs/run_dead")]
    [InlineData("/v1/runs/run_dead/events")]
    [InlineData("/v1/usage?group_by=model")]
    [InlineData("/v1/usage?group_by=metadata.team")]
    [InlineData("/v1/audit/proof/run_dead")]
    [InlineData("/v1/organization/usage/completions?start_time=0")]
    [InlineData("/v1/prices")]
    [InlineData("/v1/projections")]
    [InlineData("/v1/quarantine")]
    [InlineData("/v1/events?follow=false")]
    [InlineData("/healthz/ready")]
    public async Task A_reading_does_not_show_that_all_connections_were_ended(string path)
    {
        await api.Client.PushAsync(Samples.Run("run_dead"));

        // Statements are prepared by themselves at their second use.
        for (var uses = 1; uses <= 3; uses++)
        {
            for (var use = 0; use < uses; use++) await ReadAsync(path);
            await EndConnectionsAsync();
            await ReadAsync(path);
        }
    }

    [Fact]
    public async Task Listing_watches_does_not_show_that_all_connections_were_ended()
    {
        var watches = new WatchStore(api.Ledger.DataSource);
        for (var use = 0; use < 3; use++) await watches.ListAsync(TenantId.Default, null, 10, CancellationToken.None);
        await EndConnectionsAsync();

        Assert.Empty(await watches.ListAsync(TenantId.Default, null, 10, CancellationToken.None));
    }

    private async Task ReadAsync(string path)
    {
        using var answer = await api.Client.GetAsync(path);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    private async Task EndConnectionsAsync()
    {
        var name = new NpgsqlConnectionStringBuilder(api.Ledger.DataSource.ConnectionString).Database!;
        await using var postgres = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.Server.ConnectionString) { Pooling = false });
        await using var end = postgres.CreateCommand("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = $1");
        end.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        await Eventually.HoldsAsync("all connections are ended", async () => (long)(await end.ExecuteScalarAsync())! == 0);
    }
}
