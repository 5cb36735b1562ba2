using System.Collections.Frozen;
using System.Text;

namespace RunLedger.Domain.Json;

/// <summary>The words that stand in every snapshot, so that reading them allocates nothing.</summary>
internal static class CommonWords
{
    private const int Longest = 24;

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Words = FrozenSet.Create(StringComparer.Ordinal,
        "thread.run", "response", "queued", "in_progress", "requires_action", "cancelling", "cancelled", "failed", "completed", "incomplete",
        "expired", "function", "function_call", "message", "reasoning", "poll", "push", "import", "proxy")
        .GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The word, if it is one of them; null if not.</summary>
    public static string? Find(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > Longest) return null;
        Span<char> chars = stackalloc char[Longest];
        return Encoding.UTF8.TryGetChars(utf8, chars, out var length) && Words.TryGetValue(chars[..length], out var word) ? word : null;
    }
}
