using System.Globalization;
using RunLedger.Domain.Json;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Usage;

namespace RunLedger.Host.CommandLine;

/// <summary>What an event tells, in a few words.</summary>
internal static class EventDetails
{
    private const int LongestValue = 60;
    private const int LongestDetails = 240;

    /// <summary>Whether the run moved from one state to another.</summary>
    public static bool IsMove(RunEvent next) => next is
        RunQueued or RunStarted or ToolCallsRequired or ToolOutputsSubmitted or RunCancelling or RunCancelled or RunFailed or RunCompleted or RunIncomplete
        or RunExpired;

    /// <summary>What the event tells besides its name.</summary>
    public static string Of(RunEvent next) => Printable.Line(string.Join("; ", Parts(next).Where(part => part.Length > 0)), LongestDetails);

    private static IEnumerable<string> Parts(RunEvent next) => next switch
    {
        RunRequested { Request: var request } => [$"request of {Bytes(request)} bytes"],
        RunQueued { Changes: var changes } =>
            [Text("model", changes["model"]), Text("assistant", changes["assistant_id"]), Text("status", Unusual(changes["status"]))],
        ToolCallsRequired { ToolCalls: var calls } => [string.Join(", ", calls.Select(call => call.Name ?? call.Type))],
        ToolOutputsSubmitted { Request: { } request } => [$"outputs of {Bytes(request)} bytes"],
        RunModified modified => [Modification(modified)],
        RunFailed { Error: { } error, Changes: var changes } => [$"{error.Code}: {error.Message}", Tokens(TokenUsage.Read(changes["usage"]))],
        RunCompleted { Usage: var usage } => [Tokens(usage)],
        RunIncomplete { Reason: var reason, Usage: var usage } => [reason ?? "", Tokens(usage)],
        RunCancelled { Changes: var changes } => [Tokens(TokenUsage.Read(changes["usage"]))],
        RunExpired { Changes: var changes } => [Tokens(TokenUsage.Read(changes["usage"]))],
        RunDetailsChanged { Changes: var changes } => [Text("status", changes["status"]), Fields(changes)],
        LateObservationRecorded { Changes: var changes, ToolCalls: var calls } =>
            ["came late", Text("status", changes["status"]), string.Join(", ", calls.Select(call => call.Name ?? call.Type)), Fields(changes)],
        ContradictionObserved { Contradictions: var found } =>
            found.Select(one => $"{one.Field} is {Short(one.Observed?.ToString() ?? "absent")}, recorded is {Short(one.Recorded.ToString())}"),
        _ => [],
    };

    private static string Modification(RunModified modified) =>
        $"metadata {Value(modified.OldMetadata)} → {(modified.Changes["metadata"] is { } now ? Short(now.ToString()) : "unchanged")}";

    private static string Fields(FieldChanges changes) => string.Join(", ",
        changes.Set.Where(field => field.Name != "status").Select(field => field.Name).Concat(changes.Removed.Select(name => $"{name} gone")));

    private static string Tokens(TokenUsage? usage) => usage is { } used
        ? string.Create(CultureInfo.InvariantCulture, $"{used.Total:#,0} tokens ({used.Prompt:#,0} prompt, {used.Completion:#,0} completion)")
        : "";

    private static JsonText? Unusual(JsonText? status) => status?.AsString() == "queued" ? null : status;

    private static string Text(string name, JsonText? value) => value is { IsNull: false } json ? $"{name} {Short(json.AsString() ?? json.ToString())}" : "";

    private static string Value(FieldValue? value) => value is null ? "none" : value.Text is { } text ? Short(text.ToString()) : $"of {Bytes(value)} bytes";

    private static int Bytes(FieldValue value) => value is FieldValue.Large large ? large.Reference.Bytes : value.Text!.Value.Utf8.Length;

    private static string Short(string text) => Printable.Line(text, LongestValue);
}
