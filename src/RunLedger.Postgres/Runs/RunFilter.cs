using System.Buffers.Text;
using System.Globalization;
using System.Text;
using RunLedger.Domain.Runs;

namespace RunLedger.Postgres.Runs;

/// <summary>Which runs to list; what is null does not filter.</summary>
public sealed record RunFilter
{
    /// <summary>The status, in the API's words.</summary>
    public string? Status { get; init; }

    /// <summary>The model.</summary>
    public string? Model { get; init; }

    /// <summary>The assistant.</summary>
    public string? AssistantId { get; init; }

    /// <summary>The thread, or the conversation of a response.</summary>
    public string? ThreadId { get; init; }

    /// <summary><c>thread.run</c> or <c>response</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>Metadata that a run must have.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>The earliest creation. UTC.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The creation before which runs are listed. UTC.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>A page of runs, newest first.</summary>
/// <param name="Runs">The runs.</param>
/// <param name="Next">Where the next page begins; null if this is the last.</param>
public sealed record RunPage(IReadOnlyList<RunView> Runs, RunCursor? Next);

/// <summary>A place in the list of runs: after this run.</summary>
/// <param name="CreatedAt">When the run was created. UTC.</param>
/// <param name="RunId">Its id.</param>
public sealed record RunCursor(DateTimeOffset CreatedAt, string RunId)
{
    /// <summary>Reads what <see cref="ToString"/> wrote; null if it is no cursor.</summary>
    public static RunCursor? Parse(string text)
    {
        if (!Base64Url.IsValid(text)) return null;
        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (!Base64Url.TryDecodeFromChars(text, bytes, out var length)) return null;
        var parts = Encoding.UTF8.GetString(bytes, 0, length).Split(' ', 2);
        return parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            && ticks <= DateTime.MaxValue.Ticks && !parts[1].Contains('\0')
            ? new RunCursor(new DateTimeOffset(ticks, TimeSpan.Zero), parts[1])
            : null;
    }

    /// <summary>The cursor as opaque text.</summary>
    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{CreatedAt.UtcTicks} {RunId}")));
}

/// <summary>Which page of a thread's runs to list, in the Assistants API's terms.</summary>
/// <param name="Limit">The most runs to list.</param>
/// <param name="Ascending">Oldest first instead of newest first.</param>
/// <param name="After">The run after which the page begins, in the order listed.</param>
/// <param name="Before">The run before which the page ends, in the order listed.</param>
public sealed record ThreadPageRequest(int Limit, bool Ascending, string? After, string? Before);

/// <summary>A page of a thread's runs.</summary>
/// <param name="Runs">Each run as last observed, as the API shows it.</param>
/// <param name="HasMore">Whether there are more runs beyond the page.</param>
public sealed record ThreadPage(IReadOnlyList<RunSnapshot> Runs, bool HasMore);

/// <summary>A run as the API showed it.</summary>
/// <param name="RunId">The run's id.</param>
/// <param name="Json">The snapshot.</param>
public sealed record RunSnapshot(string RunId, Domain.Json.JsonText Json);
