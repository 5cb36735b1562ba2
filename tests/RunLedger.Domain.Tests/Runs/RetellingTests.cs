using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Tests.Samples;
using static RunLedger.Domain.Tests.Samples.RunSamples;

namespace RunLedger.Domain.Tests.Runs;

/// <summary>What an export tells of a history. That it always leads to the same history is a property of <see cref="RandomHistoryTests"/>.</summary>
public class RetellingTests
{
    private static readonly SnapshotSample Queued = Run();
    private static readonly SnapshotSample Started = Queued.Started(at: 1);
    private static readonly SnapshotSample Completed = Started.Completed(at: 9);

    [Fact]
    public void A_request_is_told_with_the_snapshot_that_it_was_answered_with_and_not_the_current_one() => AssertTold(
        [Queued.SeenAt(0.4), Completed.SeenAt(10), Queued.ReceivedAt(0).Answering(RequestKind.Create, "{}")],
        [(0.4, "queued"), (10, "completed"), (0.4, "queued")]);

    [Fact]
    public void A_late_observation_that_looks_like_the_current_one_is_told_as_such_with_its_request() => AssertTold(
        [Queued.SeenAt(0), Started.SeenAt(3), Started.SeenAt(1).Answering(RequestKind.Modify, "{}")],
        [(0, "queued"), (3, "in_progress"), (1, "in_progress")]);

    [Fact]
    public void What_made_an_observation_late_is_told_before_it() => AssertTold(
        [Queued.SeenAt(0), Queued.SeenAt(4), Started.SeenAt(2)],
        [(0, "queued"), (4, "queued"), (2, "in_progress")]);

    [Fact]
    public void A_request_that_does_not_tell_with_what_it_was_answered_was_answered_with_a_snapshot_of_its_time()
    {
        var run = RecordedRun.Of(Queued.SeenAt(0), Started.SeenAt(3), Completed.SeenAt(9), Started.SeenAt(4).Answering(RequestKind.Modify, "{}"));
        var untold = run.History.Events.Select(recorded => recorded with { Event = recorded.Event with { Answered = null } });
        AssertTold(run, Retelling.Of(new RunHistory(run.History.Id, [.. untold]), run.Content), [(0, "queued"), (3, "in_progress"), (9, "completed"), (4, "in_progress")]);
    }

    private static void AssertTold(Observation[] recorded, (double At, string Status)[] expected)
    {
        var run = RecordedRun.Of(recorded);
        AssertTold(run, Retelling.Of(run.History, run.Content), expected);
    }

    private static void AssertTold(RecordedRun run, IEnumerable<RetoldObservation> retold, (double At, string Status)[] expected)
    {
        var told = retold.Select(one => one.Observation).ToArray();
        Assert.Equal(expected.Select(one => (SnapshotSample.At(one.At), one.Status)), told.Select(one => (one.ObservedAt, one.Snapshot.Status)));
        Assert.Equal(run.Events.Select(RunEventMeaning.Of), RecordedRun.Of(told).Events.Select(RunEventMeaning.Of));
    }
}
