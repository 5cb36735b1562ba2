using Npgsql;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Postgres.Recording;

/// <summary>The statements that both engines send around the events; those of the views are in <see cref="ViewStatements"/>.</summary>
internal static class AppendStatements
{
    /// <summary>
    /// Locks the rows of streams, in the order in which all writers do, and makes those that are new; and keeps views from being switched from here to
    /// the commit. For an engine that comes to write the rows only after it has the tenants' locks.
    /// </summary>
    /// <param name="runs">The streams, in the order of <see cref="AppendBatch.ViewsInOrder"/>.</param>
    /// <param name="recordedAt">When they are appended to.</param>
    public static NpgsqlBatchCommand HoldStreams(IReadOnlyList<RunKey> runs, DateTimeOffset recordedAt) => new(Sql.Text("Recording/hold_streams.sql"))
    {
        Parameters =
        {
            Columns.Text(runs, run => run.Tenant.Value),
            Columns.Text(runs, run => run.Run.Value),
            new NpgsqlParameter<DateTimeOffset> { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz, TypedValue = recordedAt },
        },
    };

    /// <summary>Keeps views from being switched from here to the commit: for who does not write streams by a statement that does so too.</summary>
    public static NpgsqlBatchCommand ShareAppends() => new(Sql.Text("Recording/share_appends.sql"));

    /// <summary>
    /// Locks the rows of streams that are there, in the order in which all writers do: for who has Marten make those that are new.
    /// </summary>
    public static NpgsqlBatchCommand LockStreams(IReadOnlyList<RunKey> runs) => new(Sql.Text("Recording/lock_streams.sql"))
    {
        Parameters = { Columns.Text(runs, run => run.Tenant.Value), Columns.Text(runs, run => run.Run.Value) },
    };

    /// <summary>Takes the append locks of tenants: the last before positions are taken.</summary>
    public static NpgsqlBatchCommand LockTenants(IEnumerable<TenantId> appending) =>
        new(Sql.Text("Recording/lock_tenants.sql")) { Parameters = { Columns.Text([.. appending.Distinct()], tenant => tenant.Value) } };

    /// <summary>Keeps large values that are not kept yet.</summary>
    public static NpgsqlBatchCommand InsertContents(IReadOnlyList<KeyValuePair<(TenantId Tenant, Digest Sha256), JsonText>> contents) =>
        new(Sql.Text("Recording/insert_contents.sql"))
        {
            Parameters =
            {
                Columns.Text(contents, content => content.Key.Tenant.Value),
                Columns.Bytes(contents, content => content.Key.Sha256.ToArray()),
                Columns.Bytes(contents, content => content.Value.Utf8.ToArray()),
            },
        };
}
