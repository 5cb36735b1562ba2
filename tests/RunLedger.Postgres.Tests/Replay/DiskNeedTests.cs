using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using RunLedger.Contract;
using RunLedger.Contract.Samples;
using RunLedger.Domain.Observations;
using RunLedger.Postgres.Embedded;
using RunLedger.Postgres.Recording;
using RunLedger.Postgres.Replay;

namespace RunLedger.Postgres.Tests.Replay;

/// <summary>What a rebuild needs of disk is known, and what is free where that can be known.</summary>
public sealed class DiskNeedTests : IAsyncLifetime
{
    private static readonly RebuildTarget Both = new(true, true, ViewVersions.OfThisProgram, []);

    // That of all tests may be in a container, of which nothing can be known.
    private EmbeddedPostgres _server = null!;

    public async Task InitializeAsync() => _server = await EmbeddedPostgres.StartTemporaryAsync(SharedServer.Small);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task What_is_free_where_a_server_of_this_machine_keeps_its_tables_is_compared_with_the_need()
    {
        await using var ledger = await OpenAsync();
        var need = await ledger.Projections.DiskNeedAsync(Both, CancellationToken.None);
        Assert.Equal(await ledger.DataSource.AskAsync<string>("show data_directory"), need.Directory);
        Assert.Equal((true, false), (need.Free > 0, need.IsShort));
        Assert.Equal(
            await ledger.DataSource.AskAsync<long>("select pg_total_relation_size('runledger.run_views') + pg_total_relation_size('runledger.usage_buckets')"), need.Bytes);
        Assert.True((await ledger.Projections.DiskNeedAsync(Both with { Runs = false }, CancellationToken.None)).Bytes < need.Bytes);

        // What an interrupted rebuild has written is there already.
        await ledger.DataSource.ExecuteAsync("create table runledger.run_views_next as select 1 as number from generate_series(1, 50000)");
        Assert.Equal(
            await ledger.DataSource.AskAsync<long>("select pg_total_relation_size('runledger.usage_buckets')"),
            (await ledger.Projections.DiskNeedAsync(Both, CancellationToken.None)).Bytes);

        // So many runs that no disk has room for their views.
        await ledger.DataSource.ExecuteAsync("update pg_class set reltuples = 1e15 where oid = 'runledger.mt_streams'::regclass");
        Assert.True((await ledger.Projections.DiskNeedAsync(Both, CancellationToken.None)).IsShort);
    }

    [Fact]
    public async Task Where_it_cannot_be_known_nothing_is_said_of_it()
    {
        await using var administrator = NpgsqlDataSource.Create(_server.ConnectionString);
        await administrator.ExecuteAsync("create role plain_owner login");
        await administrator.ExecuteAsync("create database plain owner plain_owner");
        await using var ledger = await OpenAsync(new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Database = "plain", Username = "plain_owner" });

        var need = await ledger.Projections.DiskNeedAsync(Both, CancellationToken.None);
        Assert.Equal((null, null, false), (need.Free, need.Directory, need.IsShort));
        Assert.True(need.Bytes > 0);
    }

    private async Task<Ledger> OpenAsync(NpgsqlConnectionStringBuilder? connection = null)
    {
        var ledger = await Ledger.OpenAsync(
            connection?.ConnectionString ?? _server.ConnectionString, new RecorderOptions(), TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        await ledger.Recorder.RecordAsync([new TenantId("red").Seen(RunJson.Queued("run_1"), 1)], CancellationToken.None);
        return ledger;
    }
}
