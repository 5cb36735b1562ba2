using System.Text;
using System.Text.Encodings.Web;
using JasperFx.Events;
using JasperFx.Events.Projections;
using JasperFx.MultiTenancy;
using Marten;
using Marten.Services.Json.Transformations;
using Npgsql;
using RunLedger.Domain.Json;
using RunLedger.Domain.Runs;

namespace RunLedger.Marten;

/// <summary>What makes a Marten store one of a ledger.</summary>
public static class LedgerStore
{
    /// <summary>The schema of the ledger's tables.</summary>
    public const string Schema = "runledger";

    /// <summary>
    /// Configures a store to read the ledger's events, and to append to them with all that the ledger promises: its views are written in the same
    /// transaction, under the tenant's append lock. Streams are runs, by their ids; no other events belong in them. Documents of one's own, projections'
    /// among them, go to a schema of one's own: set <see cref="StoreOptions.DatabaseSchemaName"/> afterwards.
    /// </summary>
    /// <param name="options">The store's options.</param>
    /// <param name="dataSource">The ledger's database.</param>
    public static void UseRunLedger(this StoreOptions options, NpgsqlDataSource dataSource)
    {
        options.Connection(dataSource);
        options.DatabaseSchemaName = Schema;
        options.Events.DatabaseSchemaName = Schema;
        options.Events.TenancyStyle = TenancyStyle.Conjoined;
        options.Policies.AllDocumentsAreMultiTenanted(); // As the events are.
        options.Events.MetadataConfig.CorrelationIdEnabled = true;
        options.Events.MetadataConfig.CausationIdEnabled = true;
        options.Events.MetadataConfig.HeadersEnabled = true;
        options.MapRunEvents();
        options.Projections.Add(new LedgerViews(dataSource), ProjectionLifecycle.Inline);
        options.Listeners.Add(new NoTombstones());
    }

    /// <summary>Tells a store the events of runs: their names, their versions and their JSON. Streams are runs, by their ids.</summary>
    /// <param name="options">The options of any store, a ledger's or another.</param>
    public static void MapRunEvents(this StoreOptions options)
    {
        options.Events.StreamIdentity = StreamIdentity.AsString;
        options.Events.AppendMode = EventAppendMode.QuickWithServerTimestamps;
        foreach (var type in RunEventTypes.All)
        {
            options.Events.MapEventType(type.Type, type.Alias);
            for (var version = 1; version < type.Version; version++) ReadEarlier(options, type, RunEventTypes.AliasOf(type.Name, version));
        }
        options.UseSystemTextJsonForSerialization(configure: static json =>
        {
            json.Converters.Add(new RunEventConverter());
            json.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
            json.MaxDepth = JsonText.MaxDepth * 2;
        });
    }

    // The domain's own upcasters read it; Marten is told under which name it is stored.
    private static void ReadEarlier(StoreOptions options, RunEventType type, string alias) =>
        options.Events.Upcast(
            type.Type, alias, new JsonTransformation((_, row, column) => RunEventJson.Read(alias, new JsonText(Encoding.UTF8.GetBytes(row.GetString(column))))));
}
