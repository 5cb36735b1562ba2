using System.Text.Json;

namespace RunLedger.Simulator.Scenarios;

/// <summary>
/// What becomes of a run when its client does what it should. A request forces one by its name in snake_case under the
/// metadata key <c>simulate</c>, e.g. <c>{"metadata":{"simulate":"two_tool_rounds"}}</c>; <c>failed</c> and <c>incomplete</c>
/// stand for any of theirs.
/// </summary>
public enum Scenario
{
    /// <summary>Works and completes.</summary>
    Completed,

    /// <summary>One round with one tool call, then completes.</summary>
    ToolCalls,

    /// <summary>One round with two or three tool calls at once, then completes.</summary>
    ParallelToolCalls,

    /// <summary>Two rounds of tool calls, then completes.</summary>
    TwoToolRounds,

    /// <summary>One round with one tool call, then fails with <c>server_error</c>.</summary>
    ToolCallsFailed,

    /// <summary>Fails with <c>server_error</c>.</summary>
    ServerError,

    /// <summary>Fails with <c>rate_limit_exceeded</c>, before any token was used.</summary>
    RateLimitExceeded,

    /// <summary>Fails with <c>invalid_prompt</c>, before any token was used.</summary>
    InvalidPrompt,

    /// <summary>Ends incomplete for <c>max_completion_tokens</c>.</summary>
    MaxCompletionTokens,

    /// <summary>Ends incomplete for <c>max_prompt_tokens</c>.</summary>
    MaxPromptTokens,

    /// <summary>Hangs in progress until it expires.</summary>
    Expired,

    /// <summary>Is cancelled by someone else while it works: cancelling, then cancelled.</summary>
    Cancelled,
}

/// <summary>How the metadata key <c>simulate</c> is read.</summary>
internal static class ForcedScenario
{
    /// <summary>The metadata key of a create-run request that forces a scenario.</summary>
    public const string Key = "simulate";

    private static readonly Dictionary<string, Scenario[]> ByName = Enum.GetValues<Scenario>()
        .Select(scenario => KeyValuePair.Create(NameOf(scenario), new[] { scenario }))
        .Append(KeyValuePair.Create("failed", new[] { Scenario.ServerError, Scenario.RateLimitExceeded, Scenario.InvalidPrompt }))
        .Append(KeyValuePair.Create("incomplete", new[] { Scenario.MaxCompletionTokens, Scenario.MaxPromptTokens }))
        .ToDictionary();

    /// <summary>Every name that can be asked for.</summary>
    public static IReadOnlyCollection<string> Names => ByName.Keys;

    /// <summary>The scenarios that a name stands for, or null when it stands for none.</summary>
    public static IReadOnlyList<Scenario>? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>Whether the run needs function tools to play this scenario.</summary>
    public static bool CallsTools(this Scenario scenario) =>
        scenario is Scenario.ToolCalls or Scenario.ParallelToolCalls or Scenario.TwoToolRounds or Scenario.ToolCallsFailed;

    private static string NameOf(Scenario scenario) => JsonNamingPolicy.SnakeCaseLower.ConvertName(scenario.ToString());
}
