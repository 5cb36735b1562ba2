using System.Text;
using Npgsql;
using RunLedger.Domain.Audit;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Postgres.Audit;

/// <summary>Reads events as they are sealed.</summary>
internal static class SealedEvents
{
    /// <summary>A tenant's events after a position, in their order.</summary>
    public static Task<List<SealedEvent>> AfterAsync(
        NpgsqlConnection connection, TenantId tenant, long position, int limit, CancellationToken cancellationToken) =>
        ReadAsync(
            connection, "Audit/read_events.sql", tenant,
            [new NpgsqlParameter<long> { TypedValue = position }, new NpgsqlParameter<int> { TypedValue = limit }], cancellationToken);

    /// <summary>A run's events, in the order of their versions.</summary>
    public static Task<List<SealedEvent>> OfRunAsync(NpgsqlConnection connection, TenantId tenant, RunId run, CancellationToken cancellationToken) =>
        ReadAsync(connection, "Audit/read_run.sql", tenant, [QueryParameter.Text(run.Value)], cancellationToken);

    private static async Task<List<SealedEvent>> ReadAsync(
        NpgsqlConnection connection, string path, TenantId tenant, IEnumerable<NpgsqlParameter> parameters, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.Text(path), connection) { Parameters = { QueryParameter.Text(tenant.Value) } };
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<SealedEvent>();
        while (await row.ReadAsync(cancellationToken)) events.Add(Event(tenant, row));
        return events;
    }

    private static SealedEvent Event(TenantId tenant, NpgsqlDataReader row) => new(
        tenant,
        row.GetInt64(0),
        row.GetGuid(1),
        new RunId(row.GetText(2) ?? ""), // An event without a stream is none of the ledger's, and is to be found.
        row.GetInt64(3),
        row.GetString(4),
        row.GetFieldValue<DateTimeOffset>(5),
        row.GetText(6),
        row.GetText(7),
        row.GetText(8) is { } headers ? new JsonText(Encoding.UTF8.GetBytes(headers)) : null,
        new JsonText(Encoding.UTF8.GetBytes(row.GetString(9))));
}
