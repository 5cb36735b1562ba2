using System.Globalization;
using Marten.Events.Projections;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Usage;

namespace RunLedger.Marten.Projections;

/// <summary>The runs that ended on a day, and the tokens that their ends said they had used.</summary>
public sealed class DailyUsage
{
    /// <summary>The day: <c>2026-08-25</c>. UTC.</summary>
    public string Id { get; set; } = "";

    /// <summary>The runs that ended.</summary>
    public long Runs { get; set; }

    /// <summary>Those of them that completed.</summary>
    public long Completed { get; set; }

    /// <summary>Tokens in.</summary>
    public long PromptTokens { get; set; }

    /// <summary>Tokens out.</summary>
    public long CompletionTokens { get; set; }

    /// <summary>All tokens.</summary>
    public long TotalTokens { get; set; }

    internal void Add(RunEvent end)
    {
        Runs++;
        if (end is RunCompleted) Completed++;
        if (TokenUsage.Read(end.Changes["usage"]) is not { } usage) return;
        PromptTokens += usage.Prompt;
        CompletionTokens += usage.Completion;
        TotalTokens += usage.Total;
    }
}

/// <summary>
/// Usage by day, from all runs of a tenant, as a multi-stream projection: register it asynchronous. Unlike the ledger's own usage report it knows only
/// what the end of a run said.
/// </summary>
public sealed partial class DailyUsageProjection : MultiStreamProjection<DailyUsage, string>
{
    /// <summary>The ends of runs belong to their days.</summary>
    public DailyUsageProjection()
    {
        Identity<RunCompleted>(Day);
        Identity<RunFailed>(Day);
        Identity<RunCancelled>(Day);
        Identity<RunIncomplete>(Day);
        Identity<RunExpired>(Day);
    }

    /// <summary>The run completed.</summary>
    public static void Apply(RunCompleted end, DailyUsage day) => day.Add(end);

    /// <summary>The run failed.</summary>
    public static void Apply(RunFailed end, DailyUsage day) => day.Add(end);

    /// <summary>The run was cancelled.</summary>
    public static void Apply(RunCancelled end, DailyUsage day) => day.Add(end);

    /// <summary>The run ended at a limit.</summary>
    public static void Apply(RunIncomplete end, DailyUsage day) => day.Add(end);

    /// <summary>The run expired.</summary>
    public static void Apply(RunExpired end, DailyUsage day) => day.Add(end);

    private static string Day(RunEvent end) => end.Sighting.OccurredAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
