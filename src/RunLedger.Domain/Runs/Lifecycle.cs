using System.Collections.Frozen;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Runs;

/// <summary>The events by which a run moves from status to status, and when each happened by the snapshot's own timestamps.</summary>
internal static class Lifecycle
{
    /// <summary>The fields that change because the run moves; all others are its configuration and details.</summary>
    private static readonly FrozenSet<string> Fields = FrozenSet.Create(StringComparer.Ordinal,
        "status", "started_at", "expires_at", "cancelled_at", "failed_at", "completed_at", "required_action", "last_error", "error",
        "incomplete_details", "usage", "output");

    /// <summary>Whether a field changes because the run moves.</summary>
    public static bool Concerns(string field) => Fields.Contains(field);

    /// <summary>The event that a status stands for; null for <c>requires_action</c>, which tool calls stand for, and for an unknown status.</summary>
    /// <param name="observation">The observation that shows the status.</param>
    /// <param name="known">What was known before.</param>
    /// <param name="changes">The fields that change with it.</param>
    public static RunEvent? EventOf(Observation observation, RunState known, FieldChanges changes)
    {
        Sighting At(params ReadOnlySpan<string> timestamps) => RunDecider.At(observation) with { OccurredAt = OccurredAt(observation, timestamps) };

        return observation.Snapshot.Status switch
        {
            "queued" => new RunQueued(At(), changes),
            "in_progress" => new RunStarted(At("started_at"), changes),
            "cancelling" => new RunCancelling(At(), changes),
            "cancelled" => new RunCancelled(At("cancelled_at", "completed_at"), changes),
            "failed" => new RunFailed(At("failed_at", "completed_at"), changes),
            "completed" => new RunCompleted(At("completed_at"), changes),
            "incomplete" => new RunIncomplete(At("incomplete_at", "completed_at"), changes),
            "expired" => new RunExpired(ExpiredAt(observation, known), changes),
            _ => null,
        };
    }

    /// <summary>The first of these timestamps that the snapshot has; the time of the observation if it has none.</summary>
    public static DateTimeOffset OccurredAt(Observation observation, params ReadOnlySpan<string> timestamps)
    {
        foreach (var name in timestamps)
            if (observation.Snapshot[name]?.AsInt64() is >= 0 and <= Times.MaxUnixSeconds and var seconds) return DateTimeOffset.FromUnixTimeSeconds(seconds);
        return observation.ObservedAt;
    }

    // The API sets expires_at to null at the end, so that the moment is known from an earlier snapshot or not at all.
    private static Sighting ExpiredAt(Observation observation, RunState known)
    {
        var due = observation.Snapshot["expires_at"]?.AsInt64() ?? known.Fields["expires_at"]?.AsInt64();
        var at = RunDecider.At(observation);
        return due is { } seconds && DateTimeOffset.FromUnixTimeSeconds(seconds) is var time && time <= observation.ObservedAt ? at with { OccurredAt = time } : at;
    }
}
