using System.Text;
using System.Text.Json;
using RunLedger.Domain.Wire;
using static RunLedger.Domain.Tests.Wire.WireAssert;

namespace RunLedger.Domain.Tests.Wire;

public class WireJsonTests
{
    [Fact]
    public void Any_text_of_a_model_is_read_and_written_without_loss()
    {
        // Not theory data: attributes hold UTF-8, which has no lone surrogates.
        (string Escaped, string Expected)[] texts =
        [
            ("""\ud800""", "\ud800"),
            ("""x\uDC00\"\\\n\u0000é""", "x\udc00\"\\\n\u0000é"),
            ("""\ud83c\udf0a""", "\ud83c\udf0a"),
            ("""\ud83c\ud83c\udf0a\/\b\f\r\t""", "\ud83c\ud83c\udf0a/\b\f\r\t"),
            ("""\\ud800""", "\\ud800"),
            ("""\u0000""", "\u0000"),
            ("\ud83c\udf0a", "\ud83c\udf0a"),
        ];

        foreach (var (escaped, expected) in texts)
        {
            string json = $$"""{"tool_outputs":[{"tool_call_id":"call_1","output":"{{escaped}}"}]}""";

            var request = WireJson.Read(Encoding.UTF8.GetBytes(json), WireJsonContext.Default.SubmitToolOutputsRunRequest);
            byte[] written = WireJson.Write(request, WireJsonContext.Default.SubmitToolOutputsRunRequest);
            var again = WireJson.Read(written, WireJsonContext.Default.SubmitToolOutputsRunRequest);

            Assert.Equal(expected, request.ToolOutputs[0].Output);
            Assert.Equal(expected, again.ToolOutputs[0].Output);
        }
    }

    [Fact]
    public void A_lone_surrogate_in_a_field_that_is_not_known_is_written_as_it_was_read()
    {
        const string json = """{"metadata":{"a":"\ud800"},"other":["\udc00",{"b":"\ud800x"}]}""";

        ModifyRunRequest request = WireJson.Read(Encoding.UTF8.GetBytes(json), WireJsonContext.Default.ModifyRunRequest);

        Assert.Equal(json, Written(request, WireJsonContext.Default.ModifyRunRequest));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("""{ "id": 5 }""")]
    [InlineData("""{ "\ud800": 5 }""")]
    [InlineData("""{ "status": {} }""")]
    [InlineData("""{ "metadata": [] }""")]
    [InlineData("""{ "metadata": { "\ud800": 5 } }""")]
    public void What_is_no_run_is_refused_as_bad_json(string json)
    {
        Assert.ThrowsAny<JsonException>(() => WireJson.ReadRun(Encoding.UTF8.GetBytes(json)));
        Assert.ThrowsAny<JsonException>(() => WireJson.ReadResponse(Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_refused_as_bad_json()
    {
        byte[] json = Encoding.UTF8.GetBytes(Samples.QueuedRun.Replace("Report", "R@port", StringComparison.Ordinal));
        json[Array.IndexOf(json, (byte)'@')] = 0xff;

        Assert.ThrowsAny<JsonException>(() => WireJson.ReadRun(json));
    }

    [Fact]
    public void A_document_may_nest_deeply_but_not_without_end()
    {
        RoundTrips(With(Samples.QueuedRun, "deep", "0").Replace("\"deep\":0", $"\"deep\":{Nested(300)}", StringComparison.Ordinal),
            WireJsonContext.Default.RunObject);
        byte[] endless = Encoding.UTF8.GetBytes($$"""{ "x": {{Nested(600)}} }""");
        Assert.Throws<JsonException>(() => WireJson.Read(endless, WireJsonContext.Default.ModifyRunRequest));
    }

    [Fact]
    public void A_run_is_read_from_an_element_as_from_bytes()
    {
        using var document = JsonDocument.Parse(Samples.RunIn("completed"));
        using var response = JsonDocument.Parse(Samples.CompletedResponse);

        SameJson(Samples.RunIn("completed"), WireJson.Write(WireJson.ReadRun(document.RootElement)));
        SameJson(Samples.CompletedResponse, WireJson.Write(WireJson.ReadResponse(response.RootElement)));
    }

    [Fact]
    public void What_was_read_outlives_the_document_it_was_read_from()
    {
        RunObject run;
        using (var document = JsonDocument.Parse(With(Samples.QueuedRun, "tools", """[ { "type": "sonar" } ]""")))
            run = WireJson.ReadRun(document.RootElement);

        Assert.Equal("sonar", run.Tools[0].Type);
        Assert.Equal("Aurora", run.Metadata!["ship"].GetString());
        Assert.NotEmpty(WireJson.Write(run));
    }

    [Fact]
    public void The_default_of_a_name_is_empty_and_not_known()
    {
        Assert.Equal(string.Empty, default(RunStatus).Value);
        Assert.Equal(default, new RunStatus(string.Empty));
        Assert.False(default(RunStatus).IsKnown);
        Assert.False(default(LastErrorCode).IsKnown);
    }

    [Fact]
    public void Every_name_that_the_api_gives_is_known()
    {
        Assert.All<TruncationObjectType>([TruncationObjectType.Auto, TruncationObjectType.LastMessages], name => Assert.True(name.IsKnown));
        Assert.All<LastErrorCode>(
            [LastErrorCode.ServerError, LastErrorCode.RateLimitExceeded, LastErrorCode.InvalidPrompt],
            name => Assert.True(name.IsKnown));
        Assert.All<RunObjectIncompleteDetailsReason>(
            [RunObjectIncompleteDetailsReason.MaxCompletionTokens, RunObjectIncompleteDetailsReason.MaxPromptTokens],
            name => Assert.True(name.IsKnown));
        Assert.All<ResponseErrorCode>(
            [ResponseErrorCode.ServerError, ResponseErrorCode.RateLimitExceeded, ResponseErrorCode.InvalidPrompt],
            name => Assert.True(name.IsKnown));
        Assert.All<ResponseIncompleteReason>(
            [ResponseIncompleteReason.MaxOutputTokens, ResponseIncompleteReason.ContentFilter],
            name => Assert.True(name.IsKnown));
    }

    [Fact]
    public void An_optional_field_is_absent_null_or_given()
    {
        Optional<string?> absent = default, isNull = (string?)null, given = "x";

        Assert.False(absent.IsGiven);
        Assert.True(isNull.IsGiven);
        Assert.NotEqual(absent, isNull);
        Assert.Equal("x", given.Value);
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);
}
