using System.Collections.Immutable;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Usage;

namespace RunLedger.Domain.Runs;

/// <summary>Finds what in a snapshot cannot be true together with the record, or with the rest of the snapshot.</summary>
internal static class Contradictions
{
    private static readonly string[] Fixed = ["object", "created_at", "thread_id"];

    /// <summary>
    /// The contradiction of an observation that undoes the run's end: it shows another end, or a live run at a later time. Null if it does
    /// neither.
    /// </summary>
    public static Contradiction? OfEnd(RunState known, Observation observation)
    {
        var status = observation.Snapshot["status"]!.Value;
        if (!known.HasEnded || status.AsString() == known.Status) return null;
        var cameAlive = observation.Basis == TimeBasis.Stated && observation.ObservedAt > known.LastObservedAt;
        return cameAlive || RunStatuses.IsTerminal(status.AsString())
            ? new Contradiction("status", known.Fields["status"]!.Value, status)
            : null;
    }

    /// <summary>The contradictions of a snapshot that moves the run all the same.</summary>
    public static ImmutableArray<Contradiction> Of(RunState? known, Snapshot snapshot, bool usageIsNew)
    {
        var found = ImmutableArray.CreateBuilder<Contradiction>();
        foreach (var name in Fixed)
            if (known?.Fields[name] is { IsNull: false } recorded && snapshot[name] is var observed && !SameMeaning(recorded, observed))
                found.Add(new Contradiction(name, recorded, observed));
        if (usageIsNew && TokenUsage.StatesSum(snapshot["usage"]) && TokenUsage.Read(snapshot["usage"]) is { } usage && usage.Total != usage.Prompt + usage.Completion)
            found.Add(new Contradiction("usage.total_tokens", JsonText.Of(usage.Prompt + usage.Completion), JsonText.Of(usage.Total)));
        if (usageIsNew && snapshot["usage"] is { } stated) found.AddRange(OfParts(stated));
        return found.DrainToImmutable();
    }

    // Cached tokens are input tokens, reasoning tokens are output tokens: there cannot be more of them.
    private static IEnumerable<Contradiction> OfParts(JsonText usage)
    {
        foreach (var (path, details, name) in SnapshotRules.TokenDetails)
        {
            if (usage.Property(details)?.Property(name)?.AsInt64() is not { } part) continue;
            var whole = name.AsSpan().SequenceEqual("cached_tokens"u8) ? TokenUsage.Prompts(usage) : TokenUsage.Completions(usage);
            if (whole?.AsInt64() is { } most && part > most) yield return new Contradiction(path, JsonText.Of(most), JsonText.Of(part));
        }
    }

    private static bool SameMeaning(JsonText recorded, JsonText? observed) =>
        observed is { } text && (recorded == text || CanonicalJson.DigestOf(recorded) == CanonicalJson.DigestOf(text));
}
