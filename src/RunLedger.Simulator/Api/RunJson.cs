using System.Text.Json;
using RunLedger.Simulator.Runs;
using RunLedger.Simulator.Scenarios;

namespace RunLedger.Simulator.Api;

/// <summary>The <c>thread.run</c> object: every field, in the order in which the service writes them.</summary>
internal static class RunJson
{
    public static void WriteRun(this Utf8JsonWriter writer, RunSnapshot snapshot)
    {
        var (run, state) = snapshot;
        writer.WriteStartObject();
        writer.WriteString("id", run.Id);
        writer.WriteString("object", "thread.run");
        writer.WriteTime("created_at", run.Timeline.CreatedAt);
        writer.WriteString("assistant_id", run.Configuration.AssistantId);
        writer.WriteString("thread_id", run.ThreadId);
        WriteProgress(writer, run, state);
        WriteSettings(writer, run);
        WriteOutcome(writer, state);
        WriteChoices(writer, run.Configuration);
        writer.WriteEndObject();
    }

    private static void WriteProgress(Utf8JsonWriter writer, SimulatedRun run, RunState state)
    {
        DateTimeOffset? SinceIf(RunStatus status) => state.Status == status ? state.Since : null;

        writer.WriteString("status", state.Status.ApiName());
        writer.WriteTime("started_at", state.StartedAt);
        writer.WriteTime("expires_at", state.Status.IsTerminal() ? null : run.Timeline.ExpiresAt);
        writer.WriteTime("cancelled_at", SinceIf(RunStatus.Cancelled));
        writer.WriteTime("failed_at", SinceIf(RunStatus.Failed));
        writer.WriteTime("completed_at", SinceIf(RunStatus.Completed));
        WriteRequiredAction(writer, state.Calls);
        WriteLastError(writer, state.Error);
    }

    private static void WriteRequiredAction(Utf8JsonWriter writer, IReadOnlyList<ToolCall>? calls)
    {
        if (calls is null)
        {
            writer.WriteNull("required_action");
            return;
        }

        writer.WriteStartObject("required_action");
        writer.WriteString("type", "submit_tool_outputs");
        writer.WriteStartObject("submit_tool_outputs");
        writer.WriteStartArray("tool_calls");
        foreach (var call in calls)
        {
            writer.WriteStartObject();
            writer.WriteString("id", call.Id);
            writer.WriteString("type", "function");
            writer.WriteStartObject("function");
            writer.WriteString("name", call.Name);
            writer.WriteString("arguments", call.Arguments);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteLastError(Utf8JsonWriter writer, RunError? error)
    {
        if (error is null)
        {
            writer.WriteNull("last_error");
            return;
        }

        writer.WriteStartObject("last_error");
        writer.WriteString("code", error.Code);
        writer.WriteString("message", error.Message);
        writer.WriteEndObject();
    }

    private static void WriteSettings(Utf8JsonWriter writer, SimulatedRun run)
    {
        var configuration = run.Configuration;
        writer.WriteString("model", configuration.Model);
        writer.WriteString("instructions", configuration.Instructions);
        writer.WriteValue("tools", configuration.Tools);
        writer.WriteValue("tool_resources", configuration.ToolResources);
        writer.WriteValue("metadata", run.Metadata);
        writer.WriteValue("temperature", configuration.Temperature);
        writer.WriteValue("top_p", configuration.TopP);
        writer.WriteString("reasoning_effort", configuration.ReasoningEffort);
        writer.WriteWhole("max_completion_tokens", configuration.MaxCompletionTokens);
        writer.WriteWhole("max_prompt_tokens", configuration.MaxPromptTokens);
        writer.WriteValue("truncation_strategy", configuration.TruncationStrategy);
    }

    private static void WriteOutcome(Utf8JsonWriter writer, RunState state)
    {
        if (state.IncompleteReason is { } reason)
        {
            writer.WriteStartObject("incomplete_details");
            writer.WriteString("reason", reason);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull("incomplete_details");
        }

        if (state.Status.IsTerminal())
        {
            WriteUsage(writer, state.Spent);
        }
        else
        {
            writer.WriteNull("usage");
        }
    }

    // The service says prompt_token_details here, in the singular, where chat completions say prompt_tokens_details.
    private static void WriteUsage(Utf8JsonWriter writer, TokenUsage usage)
    {
        writer.WriteStartObject("usage");
        writer.WriteNumber("prompt_tokens", usage.Prompt);
        writer.WriteNumber("completion_tokens", usage.Completion);
        writer.WriteNumber("total_tokens", usage.Total);
        writer.WriteStartObject("prompt_token_details");
        writer.WriteNumber("cached_tokens", usage.Cached);
        writer.WriteEndObject();
        writer.WriteStartObject("completion_tokens_details");
        writer.WriteNumber("reasoning_tokens", usage.Reasoning);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteChoices(Utf8JsonWriter writer, RunConfiguration configuration)
    {
        writer.WriteValue("response_format", configuration.ResponseFormat);
        writer.WriteValue("tool_choice", configuration.ToolChoice);
        writer.WriteBoolean("parallel_tool_calls", configuration.ParallelToolCalls);
    }
}
