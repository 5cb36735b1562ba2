using System.Text;
using RunLedger.Domain.Json;
using RunLedger.Domain.Runs;
using RunLedger.Domain.Runs.Evolution;
using RunLedger.Domain.Tests.Samples;

namespace RunLedger.Domain.Tests.Evolution;

/// <summary>
/// What ledgers hold, in every version that was ever written: <c>stored/ALIAS.json</c> has samples of <c>mt_events.data</c>, each with what it means.
/// A sample is added once and never changed.
/// </summary>
public class StoredEventTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Evolution", "stored");

    private static IEnumerable<string> Written => RunEventTypes.All.SelectMany(type => RunEventTypes.AliasesOf(type.Name)).Order(StringComparer.Ordinal);

    public static TheoryData<string> Aliases => [.. Written];

    [Theory]
    [MemberData(nameof(Aliases))]
    public void Every_version_of_every_event_has_samples_and_is_read_with_its_meaning(string alias)
    {
        var samples = SamplesOf(alias);
        Assert.NotEmpty(samples);
        foreach (var (data, meaning) in samples) JsonMeaning.AssertSame(meaning, StoredMeaning.Of(RunEventJson.Read(alias, Stored(data))));
    }

    [Theory]
    [MemberData(nameof(Aliases))]
    public void What_was_read_is_written_in_the_version_of_today_and_means_the_same(string alias)
    {
        foreach (var (data, meaning) in SamplesOf(alias))
        {
            var read = RunEventJson.Read(alias, Stored(data));
            JsonMeaning.AssertSame(meaning, StoredMeaning.Of(RecordedRun.Stored(read)));
        }
    }

    [Fact]
    public void No_samples_are_of_what_was_never_written() =>
        Assert.Equal(
            Written,
            Directory.GetFiles(Folder, "*.json").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_version_that_is_no_longer_written_has_one_upcaster_and_no_other_has() =>
        Assert.Equal(
            RunEventTypes.All.SelectMany(type => Enumerable.Range(1, type.Version - 1).Select(version => (type.Name, version))).Order(),
            RunEventUpcasters.All.Select(upcaster => (upcaster.Name, upcaster.Version)).Order());

    [Fact]
    public void The_first_version_is_stored_under_the_name_and_a_later_one_as_Marten_names_it()
    {
        Assert.Equal(["contradiction_observed", "contradiction_observed_v2"], RunEventTypes.AliasesOf("contradiction_observed"));
        Assert.Equal("run_queued", RunEventTypes.All.Single(type => type.Type == typeof(RunQueued)).Alias);
        Assert.Equal("contradiction_observed_v2", RunEventTypes.All.Single(type => type.Type == typeof(ContradictionObserved)).Alias);
    }

    [Fact]
    public void Upcasting_gives_the_json_of_the_next_version_and_touches_nothing_else()
    {
        var (upcaster, versions) = (RunEventUpcasters.Of("contradiction_observed")!, SamplesOf("contradiction_observed").Zip(SamplesOf("contradiction_observed_v2")));

        foreach (var (first, second) in versions) JsonMeaning.AssertSame(second.Data, upcaster.Upcast(Stored(first.Data)).ToString());
    }

    private static JsonText Stored(string data) => new(Encoding.UTF8.GetBytes(Jsonb.Store(data)));

    private static List<(string Data, string Meaning)> SamplesOf(string alias)
    {
        var path = Path.Combine(Folder, $"{alias}.json");
        Assert.True(File.Exists(path), $"There is no sample of {alias}: add {path}.");
        return [.. new JsonText(File.ReadAllBytes(path)).Elements().Select(sample => ($"{sample.Property("data"u8)}", $"{sample.Property("meaning"u8)}"))];
    }
}
