using Npgsql;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Pricing;

namespace RunLedger.Postgres.Pricing;

/// <summary>The prices of each tenant.</summary>
public sealed class PriceStore(NpgsqlDataSource dataSource)
{
    /// <summary>All prices of a tenant, by model and time.</summary>
    public async Task<IReadOnlyList<StoredPrice>> ListAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Sql.Text("Pricing/list_prices.sql"));
        command.Parameters.Add(QueryParameter.Text(tenant.Value));
        await using var reader = await dataSource.ReadAsync(command, cancellationToken);
        return await ReadAsync(reader, cancellationToken);
    }

    /// <summary>The prices of a tenant, to compute costs by.</summary>
    public async Task<PriceBook> BookAsync(TenantId tenant, CancellationToken cancellationToken) => BookOf(await ListAsync(tenant, cancellationToken));

    /// <summary>
    /// Adds prices and corrects those that are there, all or none. What would say again what holds already is not kept, so that the same file may be
    /// taken in every week.
    /// </summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="list">The prices.</param>
    /// <param name="source">Where they come from.</param>
    /// <param name="recordedAt">When they are taken in. UTC.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<PriceChanges> SetAsync(
        TenantId tenant, PriceList list, string source, DateTimeOffset recordedAt, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LockAsync(connection, tenant, cancellationToken);
        var news = BookOf(await KnownAsync(connection, tenant, cancellationToken)).NewsIn(list).ToList();
        var (added, changed) = await SetAsync(connection, tenant, news, source, recordedAt, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new PriceChanges(added, changed, list.Prices.Count - added - changed);
    }

    /// <summary>Removes the prices of a model or a pattern.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="model">The model or the pattern, as it was given.</param>
    /// <param name="from">Only the price that begins then; null for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many there were.</returns>
    public async Task<int> RemoveAsync(TenantId tenant, string model, DateTimeOffset? from, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LockAsync(connection, tenant, cancellationToken);
        await using var command = new NpgsqlCommand(Sql.Text("Pricing/remove_prices.sql"), connection);
        command.Parameters.Add(QueryParameter.Text(tenant.Value));
        command.Parameters.Add(QueryParameter.Text(model));
        command.Parameters.Add(QueryParameter.Time(from));
        var removed = await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return removed;
    }

    private static async Task<IReadOnlyList<StoredPrice>> KnownAsync(NpgsqlConnection connection, TenantId tenant, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text("Pricing/list_prices.sql"), connection);
        command.Parameters.Add(QueryParameter.Text(tenant.Value));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await ReadAsync(reader, cancellationToken);
    }

    private static async Task<IReadOnlyList<StoredPrice>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var prices = new List<StoredPrice>();
        while (await reader.ReadAsync(cancellationToken))
            prices.Add(new StoredPrice(
                new Price(
                    reader.GetString(0),
                    reader.GetFieldValue<DateTimeOffset>(1),
                    new TokenPrices(reader.GetDecimal(2), reader.GetDecimal(3), reader.GetDecimal(4))),
                reader.GetString(5),
                reader.GetFieldValue<DateTimeOffset>(6)));
        return prices;
    }

    private static PriceBook BookOf(IReadOnlyCollection<StoredPrice> stored) =>
        stored.Count > 0 ? new PriceBook(stored.Select(one => one.Price)) : PriceBook.Empty;

    private static async Task LockAsync(NpgsqlConnection connection, TenantId tenant, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text("Pricing/lock_prices.sql"), connection);
        command.Parameters.Add(QueryParameter.Text(tenant.Value));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<(int Added, int Changed)> SetAsync(
        NpgsqlConnection connection, TenantId tenant, List<Price> news, string source, DateTimeOffset recordedAt, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text("Pricing/set_prices.sql"), connection);
        command.Parameters.Add(QueryParameter.Text(tenant.Value));
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. news.Select(price => price.Model)] });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset[]> { TypedValue = [.. news.Select(price => price.From)] });
        command.Parameters.Add(new NpgsqlParameter<decimal[]> { TypedValue = [.. news.Select(price => price.Tokens.Prompt)] });
        command.Parameters.Add(new NpgsqlParameter<decimal[]> { TypedValue = [.. news.Select(price => price.Tokens.Cached)] });
        command.Parameters.Add(new NpgsqlParameter<decimal[]> { TypedValue = [.. news.Select(price => price.Tokens.Completion)] });
        command.Parameters.Add(QueryParameter.Text(source));
        command.Parameters.Add(QueryParameter.Time(recordedAt));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (added, changed) = (0, 0);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.GetBoolean(0)) added++;
            else changed++;
        }
        return (added, changed);
    }
}

/// <summary>A price as it stands in the ledger.</summary>
/// <param name="Price">The price.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="RecordedAt">When it was taken in. UTC.</param>
public sealed record StoredPrice(Price Price, string Source, DateTimeOffset RecordedAt);

/// <summary>What became of prices that were taken in.</summary>
/// <param name="Added">Those that are new.</param>
/// <param name="Changed">Those that corrected a price.</param>
/// <param name="Unchanged">Those that held already.</param>
public sealed record PriceChanges(int Added, int Changed, int Unchanged);
