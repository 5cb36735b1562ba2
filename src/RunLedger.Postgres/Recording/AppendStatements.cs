using Npgsql;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Postgres.Recording;

/// <summary>The statements that both engines send around the events; those of the views are in <see cref="ViewStatements"/>.</summary>
internal static class AppendStatements
{
    /// <summary>Keeps views from being switched from here to the commit: for an engine that does not write streams by the statement that does so too.</summary>
    public static NpgsqlBatchCommand ShareAppends() => new(Sql.Text("Recording/share_appends.sql"));

    /// <summary>
    /// Locks the rows of streams, in the order in which all writers do: for an engine that comes to write them only after it has the tenants' locks.
    /// </summary>
    public static NpgsqlBatchCommand LockStreams(IReadOnlyList<RunKey> runs) => new(Sql.Text("Recording/lock_streams.sql"))
    {
        Parameters = { Columns.Text(runs, run => run.Tenant.Value), Columns.Text(runs, run => run.Run.Value) },
    };

    /// <summary>Takes the append locks of a batch's tenants: the last before positions are taken.</summary>
    public static NpgsqlBatchCommand LockTenants(AppendBatch batch) =>
        LockTenants(batch.Events.Select(appended => appended.Key.Tenant).Concat(batch.Quarantine.Select(item => item.Tenant)));

    /// <summary>Takes the append locks of tenants: the last before positions are taken.</summary>
    public static NpgsqlBatchCommand LockTenants(IEnumerable<TenantId> appending)
    {
        var tenants = appending.Select(tenant => tenant.Value).Distinct().ToArray();
        return new NpgsqlBatchCommand(Sql.Text("Recording/lock_tenants.sql")) { Parameters = { Columns.Text(tenants, tenant => tenant) } };
    }

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
