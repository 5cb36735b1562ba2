using Npgsql;

namespace RunLedger.Postgres.Tests;

public sealed class PoolTests(NpgsqlDatabase database) : IClassFixture<NpgsqlDatabase>
{
    [Theory]
    [InlineData(null, 40)]
    [InlineData(7, 7)]
    [InlineData(100, 100)]
    public async Task A_pool_is_as_large_as_the_connection_string_says_and_leaves_room_for_other_hosts_where_it_does_not(int? said, int size)
    {
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        settings.Remove("Maximum Pool Size");
        if (said is { } largest) settings.MaxPoolSize = largest;
        await using var ledger = await database.OpenAsync(settings.ConnectionString);

        Assert.Equal(size, new NpgsqlConnectionStringBuilder(ledger.DataSource.ConnectionString).MaxPoolSize);
    }
}
