using System.Text;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Tests.Samples;

namespace RunLedger.Domain.Tests.Observations;

public class SnapshotTests
{
    [Fact]
    public void A_snapshot_knows_what_identifies_it_and_keeps_its_text()
    {
        var json = RunSamples.Run("run_7").With("shoe_size", " 42.0 ").Json;
        var snapshot = Read(json).Value!;

        Assert.Equal((new RunId("run_7"), RunKind.ThreadRun), (snapshot.Id, snapshot.Kind));
        Assert.Equal(json, snapshot.Json.ToString());
        Assert.Equal("42.0", snapshot["shoe_size"].ToString());
        Assert.Null(snapshot["hat_size"]);
        Assert.Equal(RunKind.Response, ResponseSamples.Response().Snapshot.Kind);
    }

    [Fact]
    public void Fields_stand_in_order_and_each_once()
    {
        var snapshot = Read(RunSamples.Run().Json.Replace("{\"id\"", "{\"status\":\"failed\",\"\\u0069d\":\"run_0\",\"\":1,\"id\"", StringComparison.Ordinal)).Value!;
        var names = snapshot.Names.ToArray();

        Assert.Equal(names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), names);
        Assert.Equal(("run_1", "queued"), (snapshot.Id.Value, snapshot["status"]!.Value.AsString()));
    }

    [Fact]
    public void Any_field_of_any_name_is_found_under_it() => Properties.Hold(
        RandomJson.Object,
        json =>
        {
            var extra = ((JsonTree.Object)JsonTree.Parse(json)).Members.Select(member => member.Name).Distinct().ToArray();
            var sample = extra.Aggregate(RunSamples.Run(), (run, name) => run.With($"x{name}", SnapshotSample.Quoted(name)));
            Assert.All(extra, name => Assert.Equal(name, sample.Snapshot[$"x{name}"]!.Value.AsString()));
        });

    [Theory]
    [InlineData("", "is not valid JSON")]
    [InlineData("{", "is not valid JSON at byte 2")]
    [InlineData("{}\n{}", "is not valid JSON at byte 1 of its line 2")]
    [InlineData("[]", "is not a JSON object")]
    [InlineData("null", "is not a JSON object")]
    [InlineData("[1,]", "is not valid JSON")]
    [InlineData("{\"a\":1,}", "is not valid JSON")]
    [InlineData("{\"a\":01}", "is not valid JSON")]
    [InlineData("{\"a\":\"\t\"}", "is not valid JSON")]
    [InlineData("{\"a\":NaN}", "is not valid JSON")]
    [InlineData("// hello\n{}", "is not valid JSON")]
    public void What_is_no_json_object_is_refused_as_a_whole(string json, string reason)
    {
        var defect = Read(json).Defect;
        Assert.NotNull(defect);
        Assert.Equal("", defect.Field);
        Assert.StartsWith(reason, defect.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_kept_of_the_fields_of_a_very_large_snapshot()
    {
        var names = Enumerable.Range(0, 100_000).Select(index => $"a_field_of_many_{index}").ToArray();
        var sample = RunSamples.Run().Json[..^1] + string.Concat(names.Select(name => $",\"{name}\":1")) + "}";
        var utf8 = Encoding.UTF8.GetBytes(sample);

        var (first, second) = (AllocatedBy(utf8), AllocatedBy(utf8));

        Assert.InRange(second, first * 9 / 10, first * 11 / 10);
    }

    [Fact]
    public void What_is_not_utf8_is_refused() =>
        Assert.Equal(new Defect("", "is not valid UTF-8"), Snapshot.Read((byte[])[.. "{\"id\":\""u8, 0xed, 0xa0, 0x80, .. "\"}"u8]).Defect);

    [Theory]
    [InlineData(500, true)]
    [InlineData(511, true)]
    [InlineData(512, false)]
    [InlineData(100_000, false)]
    public void Nesting_is_read_to_a_depth_that_no_stack_overflows_at(int depth, bool accepted)
    {
        var nested = $"{new string('[', depth)}{new string(']', depth)}";
        var read = Read(RunSamples.Run().With("deep", nested).Json);
        Assert.Equal(accepted, read.Value is not null);
        if (accepted) Assert.Equal(nested, RecordedRun.Of(new Observation(read.Value!, SnapshotSample.At(0), TimeBasis.Stated, "poll")).State.Fields["deep"].ToString());
    }

    [Fact]
    public void A_snapshot_read_after_a_broken_one_is_whole()
    {
        Assert.NotNull(Read("""{"id":"run_broken","shoe_size":1,""").Defect);
        JsonMeaning.AssertSame(RunSamples.Run().Json, RecordedRun.Of(RunSamples.Run().SeenAt(0)).Current);
        Assert.Null(RunSamples.Run().Snapshot["shoe_size"]);
    }

    private static Checked<Snapshot> Read(string json) => Snapshot.Read(Encoding.UTF8.GetBytes(json));

    private static long AllocatedBy(byte[] utf8)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.NotNull(Snapshot.Read(utf8).Value);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
