using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RunLedger.Domain.Json;
using RunLedger.Domain.Wire;

namespace RunLedger.Domain.Runs;

/// <summary>
/// What the events of a run of the Assistants API carry, in the API's own types. Null where an event does not carry it, or where it is large and its
/// content is not at hand. What is there but not of the API's shape throws <see cref="JsonException"/>, which names the place; the event itself keeps it
/// exactly, and the decider never reads it this way.
/// </summary>
public static class TypedReading
{
    /// <summary>The request by which the run was created.</summary>
    public static CreateRunRequest? CreateRunRequest(this RunRequested requested) =>
        Read(requested.Request.Text, WireJsonContext.Default.CreateRunRequest);

    /// <summary>What the run requires to go on: the tool calls with their arguments.</summary>
    public static RequiredAction? RequiredAction(this ToolCallsRequired required) =>
        Read(required.Changes["required_action"], WireJsonContext.Default.RequiredAction);

    /// <summary>The tool outputs as submitted, where the request was captured.</summary>
    public static SubmitToolOutputsRunRequest? SubmitToolOutputsRequest(this ToolOutputsSubmitted submitted) =>
        Read(submitted.Request?.Text, WireJsonContext.Default.SubmitToolOutputsRunRequest);

    /// <summary>The request by which the metadata was changed, where it was captured.</summary>
    public static ModifyRunRequest? ModifyRunRequest(this RunModified modified) =>
        Read(modified.Request?.Text, WireJsonContext.Default.ModifyRunRequest);

    /// <summary>Why the run failed.</summary>
    public static LastError? LastError(this RunFailed failed) => Read(failed.Changes["last_error"], WireJsonContext.Default.LastError);

    /// <summary>The tokens that the run used, with all details. A response's usage has other names: see <see cref="RunCompleted.Usage"/>.</summary>
    public static RunCompletionUsage? CompletionUsage(this RunCompleted completed) =>
        Read(completed.Changes["usage"], WireJsonContext.Default.RunCompletionUsage);

    private static T? Read<T>(JsonText? json, JsonTypeInfo<T> type) where T : class =>
        json is { IsNull: false } text ? WireJson.Read(text.Utf8.Span, type) : null;
}
