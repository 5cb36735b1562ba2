using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Tests.Samples;

namespace RunLedger.Domain.Tests.Observations;

public class RecentSnapshotsTests
{
    // The lives of several runs, one poll after the other, told by turns, some of them spelled otherwise.
    private static readonly Gen<string[]> Polls =
        from lives in Gen.ListOf(RandomRuns.Life, 3)
        let told = lives.SelectMany((life, run) => life.Select(sample => sample.WithText("id", $"run_{run}")))
        from order in Gen.Shuffle(told.Concat(told))
        from turns in Gen.Elements(told.ToArray(), order.ToArray())
        from spellings in Gen.ListOf(Gen.Frequency((4, Gen.Constant(-1)), (1, Gen.Choose(0, 1_000_000))), turns.Length)
        select turns.Zip(spellings, (sample, spelling) => spelling < 0 ? sample.Json : JsonSpelling.Respelled(sample.Json, spelling)).ToArray();

    [Fact]
    public void A_snapshot_read_by_its_difference_is_the_snapshot_read_whole() => Properties.Hold(Polls, polls =>
    {
        var recent = new RecentSnapshots();
        foreach (var poll in polls) AssertSame(Snapshot.Read(Bytes(poll)).Value!, Snapshot.Read(Bytes(poll), recent).Value!);
    });

    [Fact]
    public void A_text_that_is_damaged_anywhere_has_the_same_defect_after_one_that_is_not()
    {
        var poll = RunSamples.Run().Completed(9).Json;
        foreach (var damage in new[] { "}", "\"", ",", " ", "x", "1", "-", "\\", "\u0001", "é" })
            for (var at = 0; at <= poll.Length; at++)
            {
                foreach (var damaged in new[] { poll.Insert(at, damage), at < poll.Length ? string.Concat(poll.AsSpan(0, at), damage, poll.AsSpan(at + 1)) : poll })
                {
                    var recent = new RecentSnapshots();
                    Assert.NotNull(Snapshot.Read(Bytes(poll), recent).Value);
                    var (whole, difference) = (Snapshot.Read(Bytes(damaged)), Snapshot.Read(Bytes(damaged), recent));
                    Assert.Equal(whole.Defect, difference.Defect);
                    if (whole.Value is { } snapshot) AssertSame(snapshot, difference.Value!);
                }
            }
    }

    [Theory]
    [InlineData("created_at", "\"now\"")]
    [InlineData("status", "null")]
    [InlineData("thread_id", "null")]
    [InlineData("object", "\"thread\"")]
    [InlineData("object", "\"response\"")]
    [InlineData("started_at", "99999999999999999")]
    [InlineData("metadata", "[]")]
    [InlineData("usage", "{\"prompt_tokens\":-1}")]
    [InlineData("id", "\"\"")]
    [InlineData("id", "\"run_other\"")]
    public void A_field_that_comes_to_break_a_rule_is_found_like_one_that_always_did(string field, string json)
    {
        var recent = new RecentSnapshots();
        Assert.NotNull(Snapshot.Read(Bytes(RunSamples.Run().Json), recent).Value);
        var broken = Bytes(RunSamples.Run().With(field, json).Json);

        var (whole, difference) = (Snapshot.Read(broken), Snapshot.Read(broken, recent));
        Assert.Equal(whole.Defect, difference.Defect);
        Assert.Equal((whole.Value?.Id, whole.Value?.Kind), (difference.Value?.Id, difference.Value?.Kind));
    }

    [Fact]
    public void A_poll_that_shows_nothing_new_is_the_very_snapshot_that_was_read_before()
    {
        var recent = new RecentSnapshots();
        var first = Snapshot.Read(Bytes(RunSamples.Run().Json), recent).Value;
        Assert.Same(first, Snapshot.Read(Bytes(RunSamples.Run().Json), recent).Value);
    }

    [Fact]
    public void A_run_that_ends_is_let_go_of_and_kept_anew_once_its_end_is_read_again()
    {
        var recent = new RecentSnapshots();
        var (running, ended, other) = (RunSamples.Run().Started(3).Json, RunSamples.Run().Completed(9).Json, RunSamples.Run().With("id", "\"run_2\"").Json);
        var first = Read(ended, after: running);
        var second = Read(ended, after: other);
        Assert.NotSame(first, second);
        Assert.Same(second, Read(ended, after: other));

        Snapshot Read(string json, string after)
        {
            Assert.NotNull(Snapshot.Read(Bytes(after), recent).Value);
            return Snapshot.Read(Bytes(json), recent).Value!;
        }
    }

    [Fact]
    public void A_snapshot_outlives_the_input_that_it_was_read_from()
    {
        var recent = new RecentSnapshots();
        var input = Bytes($"[{RunSamples.Run().Json},{RunSamples.Run().With("id", "\"run_2\"").With("note", $"\"{new string('x', 5_000)}\"").Json}]");
        var length = Encoding.UTF8.GetByteCount(RunSamples.Run().Json);
        Assert.NotNull(Snapshot.Read(input.AsMemory(1, length), recent).Value);
        Array.Clear(input);

        AssertSame(RunSamples.Run().Snapshot, Snapshot.Read(Bytes(RunSamples.Run().Json), recent).Value!);
    }

    [Fact]
    public void Little_memory_makes_no_difference_to_what_is_read() => Properties.Hold(
        Polls,
        polls =>
        {
            var recent = new RecentSnapshots(capacity: 40_000);
            foreach (var poll in polls) AssertSame(Snapshot.Read(Bytes(poll)).Value!, Snapshot.Read(Bytes(poll), recent).Value!);
        },
        count: 50);

    [Fact]
    public void Envelopes_are_read_alike_whatever_stands_around_their_snapshot()
    {
        var recent = new RecentSnapshots();
        var (known, next) = (RunSamples.Run().Json, RunSamples.Run().Started(3).Json);
        foreach (var envelope in new[]
        {
            $$"""{"observed_at":"2026-01-01T00:00:00Z","snapshot":{{known}}}""",
            $$"""{"observed_at":"2026-01-01T00:00:00Z","snapshot":{{next}} } """,
            $$"""{"snapshot":{{next}},"observed_at":"2026-01-01T00:00:00Z","source":"later"}""",
            $$"""{"snapshot":{{known}},"snapshot":{{next}}}""",
            $$"""{"snapshot":{{known}} } }""",
            $$"""{"snapshot":{{known}}""",
            $$"""{"snapshot":{{known}},}""",
            $$"""{"snapshot":{{known[..^1]}}""",
        })
        {
            var item = new FramedItem(Bytes(envelope), new ItemPointer(1, 1), 0);
            var whole = ObservationReader.Read(item, new CaptureOptions("push")).Single();
            var difference = ObservationReader.Read(item, new CaptureOptions("push") { Recent = recent }).Single();
            Assert.Equal((whole as Rejected)?.Defect, (difference as Rejected)?.Defect);
            if (whole is not Observed { Observation: var expected }) continue;
            var actual = ((Observed)difference).Observation;
            AssertSame(expected.Snapshot, actual.Snapshot);
            Assert.Equal((expected.ObservedAt, expected.Source, expected.Basis), (actual.ObservedAt, actual.Source, actual.Basis));
        }
    }

    private static void AssertSame(Snapshot expected, Snapshot actual)
    {
        Assert.Equal(expected.Json.ToString(), actual.Json.ToString());
        Assert.Equal((expected.Id, expected.Kind, expected.Status, expected.Digest), (actual.Id, actual.Kind, actual.Status, actual.Digest));
        Assert.Equal(expected.Names, actual.Names);
        for (var i = 0; i < expected.Names.Length; i++) Assert.Equal(expected.TextAt(i), actual.TextAt(i));
        Assert.Equal(Events(expected), Events(actual));
    }

    private static IEnumerable<string> Events(Snapshot snapshot) =>
        RunDecider.Decide(null, new Observation(snapshot, SnapshotSample.At(1), TimeBasis.Stated, "poll")).Events.Select(RecordedRun.Written);

    private static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);
}
