using System.Text.Json;

namespace RunLedger.Simulator.Runs;

/// <summary>The nine statuses of a run.</summary>
internal enum RunStatus
{
    Queued,
    InProgress,
    RequiresAction,
    Cancelling,
    Cancelled,
    Failed,
    Completed,
    Incomplete,
    Expired,
}

/// <summary>What follows from a status alone.</summary>
internal static class RunStatusFacts
{
    public static bool IsTerminal(this RunStatus status) => status >= RunStatus.Cancelled;

    /// <summary>The status as the API writes it.</summary>
    public static string ApiName(this RunStatus status) => JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString());
}
