using RunLedger.Domain.Runs;
using RunLedger.Domain.Tests.Samples;
using static RunLedger.Domain.Tests.Samples.RunSamples;

namespace RunLedger.Domain.Tests.Runs;

public class RunHistoryTests
{
    private static readonly SnapshotSample Started = Run().Started(at: 1);
    private static readonly RecordedRun Watched = RecordedRun.Of(Run().SeenAt(0), Started.Completed().SeenAt(9), Started.SeenAt(4), Started.SeenAt(20));

    [Theory]
    [InlineData(1, "queued")]
    [InlineData(2, "completed")]
    [InlineData(3, "completed")]
    [InlineData(4, "in_progress")]
    [InlineData(5, "in_progress")]
    public void A_version_gives_the_snapshot_of_the_observation_that_wrote_it(long version, string status) =>
        Assert.Equal(status, Watched.History.SnapshotAt(version)!["status"]!.Value.AsString());

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(6)]
    public void There_is_no_snapshot_where_there_is_no_version(long version) => Assert.Null(Watched.History.SnapshotAt(version));

    [Theory]
    [InlineData(-1, null)]
    [InlineData(0, "queued")]
    [InlineData(3.9, "queued")]
    [InlineData(4, "in_progress")]
    [InlineData(8.9, "in_progress")]
    [InlineData(9, "completed")]
    [InlineData(99, "completed")]
    public void A_time_gives_the_snapshot_in_effect_late_ones_included_and_withheld_ones_not(double seconds, string? status) =>
        Assert.Equal(status, Watched.History.SnapshotAsOf(SnapshotSample.At(seconds))?["status"]?.AsString());

    [Fact]
    public void Large_contents_are_named_where_they_are_missing()
    {
        var run = RecordedRun.Of(Run().WithText("instructions", new string('x', 5_000)).SeenAt(0));

        Assert.Equal([5_002], run.State.Fields.Missing().Select(reference => reference.Bytes));
        Assert.Null(run.State.Fields["instructions"]);
        JsonMeaning.AssertSame(Run().WithText("instructions", new string('x', 5_000)).Json, run.Current);
    }

    [Fact]
    public void A_large_value_that_stays_is_not_referred_to_again()
    {
        var large = Run().WithText("instructions", new string('x', 5_000)).With("tools", $"[ \"{new string('y', 5_000)}\" ]");
        var decision = RecordedRun.Of(large.SeenAt(0)).Observe(large.Started().With("tools", $"[\"{new string('y', 5_000)}\"]").SeenAt(1));

        Assert.Equal(["started_at", "status"], decision.Events.Single().Changes.Set.Select(field => field.Name));
    }

    [Fact]
    public void What_views_are_made_of_stays_in_the_event_whatever_its_size()
    {
        var large = Run().WithMetadata($$"""{"a":"{{new string('x', 5_000)}}"}""");
        Assert.DoesNotContain(RunDecider.Decide(null, large.SeenAt(0)).Events, decided => decided.LargeValues().Any());
    }

    [Fact]
    public void Very_many_fields_come_and_go()
    {
        var wide = Enumerable.Range(0, 20_000).Aggregate(Run().Fields.ToBuilder(), (fields, i) =>
        {
            fields.Add(KeyValuePair.Create($"x_{i}", "1"));
            return fields;
        });
        var run = RecordedRun.Of(new SnapshotSample(wide.ToImmutable()).SeenAt(0), Run().SeenAt(1));

        Assert.Equal(20_000, run.Events[^1].Changes.Removed.Length);
        JsonMeaning.AssertSame(Run().Json, run.Current);
    }
}
