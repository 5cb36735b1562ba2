using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Quarantine;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Usage;
using RunLedger.Postgres.Replay;

namespace RunLedger.Postgres.Recording;

/// <summary>The engine port: what recording needs of an event store. Decisions, views and queries are made elsewhere, once.</summary>
public interface IEventStore
{
    /// <summary>Reads the events that the reader does not know yet, of many runs with one query.</summary>
    /// <param name="known">The runs, each with the version up to which it is known; 0 for not at all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The newer events of each run that has any, in the order of their versions.</returns>
    Task<IReadOnlyDictionary<RunKey, IReadOnlyList<RunEvent>>> ReadNewerAsync(IReadOnlyList<KnownRun> known, CancellationToken cancellationToken);

    /// <summary>
    /// Appends a decided batch with its view changes in one transaction. When this returns, all of it is committed and flushed to disk. The
    /// tenants' append locks are held from before the first position is taken to the commit.
    /// </summary>
    /// <exception cref="AppendConflictException">Another node appended to one of the runs first; nothing is appended.</exception>
    /// <exception cref="ViewsChangedException">The ledger's views are of other definitions than the batch's by now; nothing is appended.</exception>
    /// <exception cref="Npgsql.NpgsqlException">The database refused the batch, or whether it was committed is not known.</exception>
    Task AppendAsync(AppendBatch batch, CancellationToken cancellationToken);
}

/// <summary>An engine: an event store with what it takes to set it up and to let go of it.</summary>
public interface IEngine : IEventStore, IAsyncDisposable
{
    /// <summary>
    /// Brings what the engine keeps in the database beside the ledger's own schema up to date. Called when a ledger is opened, after its own
    /// migrations and under their lock.
    /// </summary>
    Task PrepareAsync(CancellationToken cancellationToken);
}

/// <summary>Names a run's event stream.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Run">The run.</param>
public readonly record struct RunKey(TenantId Tenant, RunId Run);

/// <summary>A run and how far it is known.</summary>
/// <param name="Key">The run.</param>
/// <param name="Version">The version of its stream up to which it is known; 0 for not at all.</param>
public readonly record struct KnownRun(RunKey Key, long Version);

/// <summary>What one transaction appends.</summary>
public sealed class AppendBatch
{
    /// <summary>When the ledger appends it. UTC.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>That of the definitions by which <see cref="Views"/> and <see cref="Usage"/> are derived: see <see cref="LiveViews.Epoch"/>.</summary>
    public required long ViewEpoch { get; init; }

    /// <summary>The events, in the order in which they take their positions.</summary>
    public List<AppendedEvent> Events { get; } = [];

    /// <summary>The rows of the runs that changed, as they are after the events.</summary>
    public Dictionary<RunKey, RunView> Views { get; } = [];

    /// <summary>The rows of the runs that changed in the order in which all writers lock them: by tenant and run.</summary>
    public IReadOnlyList<KeyValuePair<RunKey, RunView>> ViewsInOrder()
    {
        var views = Views.ToList();
        views.Sort(static (x, y) => string.CompareOrdinal(x.Key.Tenant.Value, y.Key.Tenant.Value) is var order and not 0
            ? order
            : string.CompareOrdinal(x.Key.Run.Value, y.Key.Run.Value));
        return views;
    }

    /// <summary>What is added to usage buckets, or taken away where negative.</summary>
    public Dictionary<(TenantId Tenant, UsageKey Key), UsageAmounts> Usage { get; } = [];

    /// <summary>The large values that the events refer to.</summary>
    public Dictionary<(TenantId Tenant, Digest Sha256), JsonText> Contents { get; } = [];

    /// <summary>Input that could not be recorded.</summary>
    public List<QuarantinedItem> Quarantine { get; } = [];

    /// <summary>The tenants that are appended to, each once.</summary>
    internal IReadOnlyList<TenantId> Tenants =>
        [.. Events.Select(appended => appended.Key.Tenant).Concat(Quarantine.Select(item => item.Tenant)).Distinct()];

    /// <summary>Whether there is nothing to append.</summary>
    public bool IsEmpty => Events.Count == 0 && Quarantine.Count == 0;

    /// <summary>Changes the views from what they have of a run to what they are to have.</summary>
    /// <param name="run">The run.</param>
    /// <param name="before">Its row before; null if it had none.</param>
    /// <param name="after">Its row after.</param>
    /// <param name="views">What the ledger's views are derived by.</param>
    internal void Move(RunKey run, RunView? before, RunView after, LiveViews views)
    {
        Views.Add(run, after.InVersion(views.RunsVersion));
        var contribution = UsageContribution.Of(after, views.Dimensions, views.UsageVersion);
        if (before is not null)
        {
            var contributed = UsageContribution.Of(before, views.Dimensions, views.UsageVersion);
            if (contributed == contribution) return;
            AddUsage(run.Tenant, contributed, negative: true);
        }
        AddUsage(run.Tenant, contribution, negative: false);
    }

    private void AddUsage(TenantId tenant, (UsageKey Key, UsageAmounts Amounts) contribution, bool negative)
    {
        var key = (tenant, contribution.Key);
        var sum = Usage.GetValueOrDefault(key);
        sum = negative ? sum + -contribution.Amounts : sum + contribution.Amounts;
        if (sum == default) Usage.Remove(key);
        else Usage[key] = sum;
    }
}

/// <summary>An event on its way into the ledger.</summary>
/// <param name="Key">The run.</param>
/// <param name="Version">The event's version in the run's stream.</param>
/// <param name="Event">What happened.</param>
/// <param name="CorrelationId">What ties it to work elsewhere.</param>
public readonly record struct AppendedEvent(RunKey Key, long Version, RunEvent Event, string? CorrelationId);

/// <summary>Another node appended to a run between the reading of its state and this append.</summary>
public sealed class AppendConflictException : Exception
{
    /// <summary>Makes the exception.</summary>
    public AppendConflictException()
        : this("Another node appended to one of the runs first.", null)
    {
    }

    /// <summary>Makes the exception.</summary>
    public AppendConflictException(string message)
        : this(message, null)
    {
    }

    /// <summary>Makes the exception.</summary>
    public AppendConflictException(string message, Exception? cause)
        : base(message, cause)
    {
    }
}
