using System.Text.Json;
using RunLedger.Domain.Json;
using RunLedger.Postgres.Polling;

namespace RunLedger.Host.Polling;

/// <summary>A page of a thread's runs, newest first, cut off where they are known.</summary>
/// <param name="Runs">The runs, each as the API shows it.</param>
/// <param name="FirstId">The newest run's id; null on an empty page.</param>
/// <param name="LastId">The id after which the next page begins; null if there is none.</param>
/// <param name="IsLast">Whether all that come after are known, or there are none.</param>
internal sealed record ListedRuns(IReadOnlyList<JsonText> Runs, string? FirstId, string? LastId, bool IsLast)
{
    /// <summary>Reads a page; null if the text is none.</summary>
    /// <param name="utf8">The answer's body.</param>
    /// <param name="thread">The thread, which knows the newest run that was listed before, with all that are older.</param>
    public static ListedRuns? Read(ReadOnlyMemory<byte> utf8, Watch thread)
    {
        if (JsonBody.Read(utf8) is not { } body || body.Property("data"u8) is not { Kind: JsonValueKind.Array } data) return null;
        var all = data.Elements();
        var runs = new List<JsonText>(all.Count);
        // Times are in seconds, so that a run of the same second may be new and stand behind the known one: the cut is made after the second.
        long? knownSecond = null;
        var isCut = false;
        foreach (var run in all)
        {
            var second = run.Property("created_at"u8)?.AsInt64();
            isCut = knownSecond is not null && second != knownSecond;
            if (isCut) break;
            runs.Add(run);
            if (thread.IsListedTo(IdOf(run))) knownSecond = second;
        }
        var hasMore = body.Property("has_more"u8)?.Kind == JsonValueKind.True;
        var lastId = body.Property("last_id"u8)?.AsString() ?? (all.Count > 0 ? IdOf(all[^1]) : null);
        return new ListedRuns(runs, runs.Count > 0 ? IdOf(runs[0]) : null, lastId, isCut || !hasMore || all.Count == 0);
    }

    private static string? IdOf(JsonText run) => run.Property("id"u8)?.AsString();
}
