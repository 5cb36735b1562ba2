using RunLedger.Contract.Samples;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Postgres.Recording;

namespace RunLedger.Contract;

/// <summary>G1: every accepted snapshot is given back at its version, deep-equal.</summary>
public abstract class LosslessContract(EngineDatabase database) : LedgerContract(database)
{
    private static readonly string LongText = string.Concat(Enumerable.Repeat("0123456789 abc é😀 ", 60_000));

    public static TheoryData<string, string, string> Fields => new()
    {
        { "U+0000 in a value", "note", """ "a\u0000b" """ },
        { "a lone surrogate in a value", "note", """ "a\ud800b" """ },
        { "a lone surrogate in a nested name", "note", """ {"a":{"\udc00":1}} """ },
        { "U+0000 in a nested name", "note", """ {"\u0000":null} """ },
        { "U+0000 in a field's name", """no\u0000te""", "1" },
        { "a lone surrogate in a field's name", """\ud800""", "1" },
        { "a field's name that begins with the mark", "$note", "1" },
        { "a field's name that is the mark", "$json", """ "1" """ },
        { "a field's name that is an escaped mark", """\u0024json""", """ "1" """ },
        { "a field's name that looks like an escaped name", """$\\u0000""", "1" },
        { "an empty field name", "", "1" },
        { "a value that looks like one kept as text", "note", """ {"$json":"{}"} """ },
        { "a value that looks like one kept as text, escaped", "note", """ {"\u0024json":"{}"} """ },
        { "a value that looks like large content", "note", """ {"$content":"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU","bytes":0} """ },
        { "metadata that looks like a value kept as text", "metadata", """ {"$json":"null"} """ },
        { "metadata beyond jsonb", "metadata", """ {"a\u0000":"\ud800","a\ufffd":{"b":1e400000}} """ },
        { "an error beyond jsonb", "last_error", """ {"code":"\u0000","message":"\ud800\u0000"} """ },
        { "numbers of every size", "note", "[1e400,1E+400,0.10,-0,-0.0,123456789012345678901234567890,1e-300,1e200000,1e-200000,0e999999999999999999999]" },
        { "a number alone", "note", "1E+400" },
        { "a number beyond numeric alone", "note", "1e200000" },
        { "trailing zeros", "temperature", "0.10" },
        { "duplicate names", "note", """ {"a":1,"a":{"b":2,"b":3}} """ },
        { "nothing but nesting", "note", $"{new string('[', 400)}{new string(']', 400)}" },
        { "nested objects", "note", $"{string.Concat(Enumerable.Repeat("{\"a\":", 70))}1{new string('}', 70)}" },
        { "null", "unknown_field", "null" },
        { "white space", "tools", "[ { \"type\" :\t\"function\" } ,\r\n {} ]" },
        { "large instructions", "instructions", $"\"{LongText[..1_500]}\"" },
        { "large tools", "tools", $$$"""[{"type":"function","function":{"name":"f","description":"{{{LongText[..3_000]}}}"}}]""" },
        { "large metadata", "metadata", $$"""{"a":"{{LongText[..4_000]}}"}""" },
        { "large metadata beyond jsonb", "metadata", $$"""{"a":"\u0000{{LongText[..4_000]}}"}""" },
        { "an unusual but valid time", "started_at", "1.7672256e9" },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_snapshot_is_given_back_deep_equal_with(string what, string name, string value)
    {
        var first = Tenant.Seen(RunJson.Queued("run_first").With(name, value.Trim()), 1);
        var plain = RunJson.Queued("run_later");
        var later = new[] { Tenant.Seen(plain, 1), Tenant.Seen(plain.With(name, value.Trim()), 2), Tenant.Seen(plain.Without(name), 3) };
        Submission.Observed[] all = [first, .. later];
        var receipts = await RecordAsync(all);

        Assert.All(receipts, receipt => Assert.True(receipt.Version > 0, what));
        for (var i = 0; i < all.Length; i++) await GivesBackAsync(all[i], receipts[i]);
        await using var other = await Database.OpenAsync();
        var again = await other.Recorder.RecordAsync(all, CancellationToken.None);
        Assert.All(again, receipt => Assert.Equal(Outcome.Unchanged, receipt.Outcome));
        for (var i = 0; i < all.Length; i++) await GivesBackAsync(all[i], again[i]);
    }

    [Fact]
    public async Task Of_two_fields_with_one_name_the_last_is_kept()
    {
        var snapshot = Tenant.Seen(RunJson.Queued("run_1").And("note", "1").And("note", "2").And("model", "\"o3\""), 1);
        await GivesBackAsync(snapshot, (await RecordAsync(snapshot))[0]);
        Assert.Equal("o3", (await ViewAsync("run_1")).Model);
    }

    [Fact]
    public async Task Absent_and_null_are_kept_apart_in_every_direction()
    {
        var run = RunJson.Queued("run_1");
        Submission.Observed[] all =
        [
            Tenant.Seen(run.Without("usage"), 1),
            Tenant.Seen(run.With("usage", "null"), 2),
            Tenant.Seen(run.Without("usage").With("x", "null"), 3),
            Tenant.Seen(run.Without("usage"), 4),
        ];
        var receipts = await RecordAsync(all);
        Assert.All(receipts, receipt => Assert.Equal(Outcome.Recorded, receipt.Outcome));
        for (var i = 0; i < all.Length; i++) await GivesBackAsync(all[i], receipts[i]);
    }

    [Fact]
    public async Task Tool_arguments_of_a_megabyte_with_anything_in_them_are_given_back()
    {
        var run = RunJson.Queued("run_1").Started(1);
        Submission.Observed[] all =
        [
            Tenant.Seen(run, 1),
            Tenant.Seen(run.RequiresAction("call_1", $"\"{LongText}\\u0000\\ud800\""), 2),
            Tenant.Seen(run.RequiresAction("call_\\u0000", $"\"{LongText}\""), 3),
        ];
        var receipts = await RecordAsync(all);
        for (var i = 0; i < all.Length; i++) await GivesBackAsync(all[i], receipts[i]);
        Assert.Equal(2, (await ViewAsync("run_1")).ToolCalls);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Random_histories_are_given_back_however_they_are_delivered(int seed)
    {
        var random = new Random(seed);
        var all = Enumerable.Range(0, 120).SelectMany(run => RandomHistory.Of(random, Tenant, $"run_{run}")).ToList();
        var receipts = await RecordAsync(all);

        await GiveBackAsync([.. all.Zip(receipts)]);
        await Recomputation.AssertHoldsAsync(Ledger.DataSource);
        await using var other = await Database.OpenAsync();
        await SettleAsync(other, all);
        await GiveBackAsync([.. all.Zip(receipts)]);
        await GiveBackAsync([.. all.Zip(await other.Recorder.RecordAsync(all, CancellationToken.None))]);
    }

    [Fact]
    public async Task Captured_requests_are_kept_whatever_is_in_them()
    {
        var body = $$"""{"assistant_id":"asst_1","instructions":"{{LongText[..2_000]}}\u0000","$json":1}""";
        var seen = Tenant.Seen(RunJson.Queued("run_1"), 1);
        var request = new CapturedRequest(RequestKind.Create, new(System.Text.Encoding.UTF8.GetBytes(body)));
        var receipt = (await RecordAsync(seen with { Observation = seen.Observation with { Request = request } }))[0];

        Assert.Equal(["run_requested", "run_queued"], receipt.Events);
        var requested = Assert.IsType<RunRequested>((await HistoryAsync("run_1")).Events[0].Event);
        var reference = Assert.IsType<FieldValue.Large>(requested.Request).Reference;
        var contents = await Ledger.Runs.ContentsAsync(Tenant, [reference], CancellationToken.None);
        Json.JsonAssert.DeepEqual(body, contents(reference));
    }
}
