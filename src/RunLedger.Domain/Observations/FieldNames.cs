using System.Collections.Frozen;
using System.Text;
using RunLedger.Domain.Json;

namespace RunLedger.Domain.Observations;

/// <summary>The top-level field names of runs and responses, so that reading a snapshot allocates no string for a known one.</summary>
internal static class FieldNames
{
    /// <summary>In the order in which the APIs write them, which is the order in which snapshots are given back.</summary>
    private static readonly string[] Known =
    [
        "id", "object", "created_at", "assistant_id", "thread_id", "status", "background", "billing", "started_at", "expires_at",
        "cancelled_at", "failed_at", "completed_at", "required_action", "last_error", "error", "incomplete_details", "model", "instructions",
        "max_output_tokens", "max_tool_calls", "output", "parallel_tool_calls", "previous_response_id", "conversation", "prompt",
        "prompt_cache_key", "prompt_cache_retention", "reasoning", "reasoning_effort", "safety_identifier", "service_tier", "store",
        "frequency_penalty", "presence_penalty", "temperature", "text", "tool_choice", "tools", "tool_resources", "tool_usage",
        "top_logprobs", "top_p", "max_completion_tokens", "max_prompt_tokens", "truncation_strategy", "truncation", "usage", "user",
        "response_format", "metadata", "moderation",
    ];

    private static readonly FrozenDictionary<string, int> Order =
        Known.Select((name, index) => KeyValuePair.Create(name, index)).ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ByChars =
        Order.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The name that stands between the quotes of a JSON property name.</summary>
    public static string Read(ReadOnlySpan<byte> inside, bool escaped)
    {
        if (escaped || inside.Length > 32) return JsonText.Unescape(inside);
        Span<char> chars = stackalloc char[32];
        var length = Encoding.UTF8.GetChars(inside, chars);
        return ByChars.TryGetValue(chars[..length], out var index) ? Known[index] : new string(chars[..length]);
    }

    /// <summary>Where a field stands in what the APIs write; unknown fields come last.</summary>
    public static int Position(string name) => Order.TryGetValue(name, out var index) ? index : int.MaxValue;
}
