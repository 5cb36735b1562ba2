using System.Text;
using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;
using static RunLedger.Domain.Tests.Capture.CaptureSamples;

namespace RunLedger.Domain.Tests.Capture;

public class EnvelopeTests
{
    [Fact]
    public void A_bare_snapshot_is_observed_at_an_assumed_time()
    {
        var observation = ReadObserved(Run(more: ",\"started_at\":1700000005"), Push with { CorrelationId = "trace" }).Observation;
        Assert.Equal((TimeBasis.Assumed, "push", "trace"), (observation.Basis, observation.Source, observation.CorrelationId));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1700000005), observation.ObservedAt);

        var receipt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)).AddTicks(1234567);
        Assert.Equal(receipt.ToMicroseconds(), ReadObserved(Run(), Push with { ObservedAt = receipt }).Observation.ObservedAt);
    }

    [Fact]
    public void An_envelope_states_time_source_request_and_correlation()
    {
        var observation = ReadObserved($$"""
            {"observed_at":"2026-01-02T03:04:05.1234567+02:00","source":"mine","correlation_id":"c-1","later":[{}],
             "request":{"kind":"submit_tool_outputs","body":{"tool_outputs":[ ]},"x":1},"snapshot":{{Run()}}}
            """).Observation;
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 1, 4, 5, TimeSpan.Zero).AddTicks(1234560), observation.ObservedAt);
        Assert.Equal((TimeBasis.Stated, "mine", "c-1"), (observation.Basis, observation.Source, observation.CorrelationId));
        Assert.Equal((RequestKind.SubmitToolOutputs, "{\"tool_outputs\":[ ]}"), (observation.Request!.Kind, observation.Request.Body.ToString()));
        Assert.Equal(Run(), observation.Snapshot.Json.ToString());
    }

    [Fact]
    public void An_envelope_needs_nothing_but_the_snapshot()
    {
        var observation = ReadObserved($$"""{"snapshot":{{Run()}},"observed_at":null,"source":null,"basis":null,"request":null,"correlation_id":null}""").Observation;
        Assert.Equal((TimeBasis.Assumed, "import", null, null), (observation.Basis, observation.Source, observation.Request, observation.CorrelationId));
    }

    [Fact]
    public void A_time_may_be_said_to_be_assumed()
    {
        var observation = ReadObserved($$"""{"basis":"assumed","observed_at":"2026-01-02T03:04:05Z","snapshot":{{Run()}}}""").Observation;
        Assert.Equal((TimeBasis.Assumed, 2026), (observation.Basis, observation.ObservedAt.Year));
    }

    [Theory]
    [InlineData("\"observed_at\":1700000000", "observed_at")]
    [InlineData("\"observed_at\":\"yesterday\"", "observed_at")]
    [InlineData("\"observed_at\":\"2026-01-02T03:04:05\"", "observed_at")]
    [InlineData("\"basis\":\"guess\"", "basis")]
    [InlineData("\"basis\":true", "basis")]
    [InlineData("\"basis\":\"stated\"", "observed_at")]
    [InlineData("\"source\":5", "source")]
    [InlineData("\"source\":\"a\\u0000\"", "source")]
    [InlineData("\"source\":\"a\\ud800\"", "source")]
    [InlineData("\"source\":\"12345678901234567890123456789012345678901234567890123456789012345\"", "source")]
    [InlineData("\"correlation_id\":{}", "correlation_id")]
    [InlineData("\"correlation_id\":\"\\udc00\"", "correlation_id")]
    [InlineData("\"request\":\"create\"", "request")]
    [InlineData("\"request\":{\"body\":{}}", "request.kind")]
    [InlineData("\"request\":{\"kind\":\"cancel\",\"body\":{}}", "request.kind")]
    [InlineData("\"request\":{\"kind\":\"create\"}", "request.body")]
    [InlineData("\"request\":{\"kind\":\"create\",\"body\":[]}", "request.body")]
    public void A_wrong_field_of_an_envelope_is_named(string field, string name)
    {
        var item = $$"""{{{field}},"snapshot":{{Run()}}}""";
        var rejected = ReadRejected(item);
        Assert.Equal(name, rejected.Defect.Field);
        Assert.Equal(item, Encoding.UTF8.GetString(rejected.Raw.Span));
    }

    [Theory]
    [InlineData("null", "snapshot")]
    [InlineData("[]", "snapshot")]
    [InlineData("{}", "snapshot.object")]
    [InlineData("{\"object\":\"thread.run\"}", "snapshot.id")]
    [InlineData("{\"object\":\"thread.message\"}", "snapshot.object")]
    public void A_wrong_field_of_the_snapshot_is_named_within_it(string snapshot, string name) =>
        Assert.Equal(name, ReadRejected($$"""{"snapshot":{{snapshot}}}""").Defect.Field);

    [Theory]
    [InlineData("{\"a\":1}", "object")]
    [InlineData("{\"object\":\"thread\",\"id\":\"thread_1\"}", "object")]
    [InlineData("{\"object\":null,\"snapshot\":{}}", "object")]
    [InlineData("{\"id\":\"run_1\",\"object\":\"thread.run\"}", "thread_id")]
    [InlineData("[1]", "")]
    [InlineData("12", "")]
    [InlineData("nonsense", "")]
    [InlineData("{\"id\":\"run_1\",\"object\":\"thread.run\",", "")]
    [InlineData("{\"a\":1} {\"a\":1}", "")]
    [InlineData("{\"object\":\"list\"}", "data")]
    [InlineData("{\"object\":\"list\",\"data\":{}}", "data")]
    public void What_is_no_observation_is_rejected_with_what_is_wrong(string item, string field) => Assert.Equal(field, ReadRejected(item).Defect.Field);

    [Fact]
    public void Bytes_that_are_no_UTF8_are_rejected()
    {
        var rejected = Assert.IsType<Rejected>(Assert.Single(Read([.. "{\"snapshot\":{},\"source\":\""u8, 0xFF, .. "\"}"u8])));
        Assert.Equal("is not valid UTF-8", rejected.Defect.Reason);
    }

    [Fact]
    public void A_defect_of_framing_is_kept()
    {
        var defect = new Defect("", "is larger than 5 bytes");
        var item = new FramedItem(default, new ItemPointer(3, 9, OneALine: true), 100, defect);
        Assert.Equal(new Rejected(item.At, defect, default), Assert.Single(ObservationReader.Read(item, Push)));
    }

    [Fact]
    public void A_list_object_is_read_element_by_element()
    {
        var items = Read($$"""{"object":"list","data":[{{Run()}},{"snapshot":{{Response()}}},{"object":"thread.message"},5],"has_more":false}""", Push);
        Assert.Equal(["item 1, data[0]", "item 1, data[1]", "item 1, data[2]", "item 1, data[3]"], items.Select(item => item.At.ToString()));
        Assert.Equal(["run_1", "resp_1"], items.OfType<Observed>().Select(item => item.Observation.Snapshot.Id.Value));
        Assert.Equal(["object", ""], items.OfType<Rejected>().Select(item => item.Defect.Field));
        Assert.Equal("5", Encoding.UTF8.GetString(Assert.IsType<Rejected>(items[3]).Raw.Span));
        Assert.Empty(Read("{\"object\":\"list\",\"data\":[]}", Push));
    }

    [Fact]
    public void Odd_numbers_escapes_and_doubled_names_stay_as_they_came()
    {
        var odd = Run(more: """,  "a":1e400,"b":"\ud800\u0000\/","\u0062":[0.10000000000000000000000000001, -0 ]""");
        Assert.Equal(odd, ReadObserved($$"""{"snapshot": {{odd}} }""").Observation.Snapshot.Json.ToString());
        Assert.Equal(odd, ReadObserved($$"""{"object":"list","data":[ {{odd}} ]}""").Observation.Snapshot.Json.ToString());
        Assert.Equal(odd, ReadObserved(Exchange("GET", "/", odd)).Observation.Snapshot.Json.ToString());
        Assert.Equal(odd, ReadObserved(Events($"data: {odd}\n\n")).Observation.Snapshot.Json.ToString());
    }

    [Fact]
    public void A_snapshot_as_deep_as_may_be_fits_into_an_envelope()
    {
        var deepest = Run(more: $",\"deep\":{new string('[', 511)}{new string(']', 511)}");
        ReadObserved(deepest);
        ReadObserved($$"""{"snapshot":{{deepest}}}""");
        ReadObserved(Exchange("GET", "/", $$"""{"object":"list","data":[{{deepest}}]}"""));
        var tooDeep = Run(more: $",\"deep\":{new string('[', 512)}{new string(']', 512)}");
        Assert.Equal("snapshot", ReadRejected($$"""{"snapshot":{{tooDeep}}}""").Defect.Field);
        var deepBody = $"{{\"a\":{new string('[', 512)}{new string(']', 512)}}}";
        Assert.Equal("request.body", ReadRejected($$$"""{"snapshot":{{{Run()}}},"request":{"kind":"create","body":{{{deepBody}}}}}""").Defect.Field);
        Assert.Equal("request", ReadRejected(Exchange("POST", "/v1/responses", Response(), deepBody)).Defect.Field);
    }

    [Theory]
    [InlineData(513)]
    [InlineData(600)]
    [InlineData(20_000)]
    public void Nesting_that_is_too_deep_is_told_as_that_and_harms_no_neighbour(int depth)
    {
        var nested = new string('[', depth) + new string(']', depth);
        var (before, after) = ($$"""{"deep":{{nested}},{{Run("run_2")[1..]}}""", Run("run_2", $",\"deep\":{nested}"));
        foreach (var deep in new[] { before, after })
        {
            const string Reason = "is nested deeper than 512 levels";
            Assert.Equal(new Defect("", Reason), ReadRejected(deep).Defect);
            Assert.Equal(new Defect("snapshot", Reason), ReadRejected($$"""{"observed_at":"2026-01-02T03:04:05Z","snapshot":{{deep}}}""").Defect);
            Assert.Equal(new Defect("body", Reason), ReadRejected(Exchange("GET", "/", deep)).Defect);
            var listed = $"[{Run()},{deep},{Run("run_3")}]";
            foreach (var form in new[] { listed, $$"""{"object":"list","data":{{listed}}}""", $"{Run()}\n{deep}\n{Run("run_3")}" })
            {
                var items = ReadAll(form);
                Assert.Equal(["run_1", "run_3"], items.OfType<Observed>().Select(item => item.Observation.Snapshot.Id.Value));
                Assert.Equal(new Defect("", Reason), Assert.Single(items.OfType<Rejected>()).Defect);
            }
        }
    }

    [Theory]
    [InlineData("""{"observed_at":"2026-01-02T03:04:05Z","source":"x"}""", "snapshot")]
    [InlineData("""{"request":{"kind":"create","body":{}}}""", "snapshot")]
    [InlineData("""{"source":"x","id":"run_1"}""", "object")]
    [InlineData("""{"source":"x","object":null}""", "object")]
    public void An_envelope_without_a_snapshot_lacks_that_and_nothing_else(string item, string field)
    {
        Assert.Equal(field, ReadRejected(item).Defect.Field);
        if (field == "snapshot") Assert.Equal(new Defect("snapshot", "is missing"), ReadRejected(item).Defect);
    }

    [Theory]
    [InlineData("{\"a\":}", "line 2: is not valid JSON at byte 6")]
    [InlineData("{", "line 2: is not valid JSON at byte 2")]
    public void Where_a_line_is_no_JSON_is_told_within_the_line(string line, string told)
    {
        var rejected = Assert.Single(ReadAll($"{Run()}\n{line}\n").OfType<Rejected>());
        Assert.Equal(told, $"{rejected.At}: {rejected.Defect}");
    }

    [Fact]
    public void Where_a_value_over_lines_is_no_JSON_is_told_within_the_value() =>
        Assert.Equal("is not valid JSON at byte 5 of its line 2", ReadRejected("{\n\"a\":}").Defect.Reason);

    [Fact]
    public void An_array_is_read_element_by_element_wherever_an_item_may_stand()
    {
        var (one, two, three) = (Run("run_1"), Run("run_2"), Run("run_3"));
        foreach (var form in new[]
        {
            $"[{one},{two},{three}]", $"[{one}]\n[{two},{three}]\n", $"{one}\n[{two},{three}]\n", $"[{one},{two}]\n{three}", $"[{one}]\n{two}\n[{three}]\n[]\n",
            $"[{one}] {{\n\"snapshot\":{two}}}\n[\n{three}]",
        })
        {
            var items = ReadAll(form);
            Assert.Equal(["run_1", "run_2", "run_3"], items.Cast<Observed>().Select(item => item.Observation.Snapshot.Id.Value));
        }
        Assert.Equal(["line 1", "line 2, [0]", "line 2, [1]"], ReadAll($"{one}\n[{two},{three}]").Select(item => item.At.ToString()));
        Assert.Equal(
            ["is an array, not a JSON object", "is a number, not a JSON object"],
            ReadAll("{}\n[[{}],5]").Skip(1).Cast<Rejected>().Select(item => item.Defect.Reason));
        Assert.Equal("[{},", Encoding.UTF8.GetString(Assert.IsType<Rejected>(ReadAll($"{one}\n[{{}},\n{two}")[1]).Raw.Span));
    }

    [Theory]
    [InlineData("""{"id":"run_x","object":"thread.run","status":5,"thread_id":"t","created_at":1}""", "run_x")]
    [InlineData("""{"status":5,"object":"response","i\u0064":"resp_\u0078"}""", "resp_x")]
    [InlineData("""{"id":"run_x","thread_id":"t","status":"queued","created_at":1}""", "run_x")]
    [InlineData("""{"observed_at":5,"snapshot":{"id":"run_x","object":"thread.run"}}""", "run_x")]
    [InlineData("""{"id":"run_x","object":"thread.run","thread_id":"t","usage":""", "run_x")]
    [InlineData("""{"snapshot":{"id":"run_x","object":"thread.run","thread_id":"t","usage":""", "run_x")]
    [InlineData("""{"method":"GET","path":"/","status":200,"body":{"id":"run_x","object":"thread.run"}}""", "run_x")]
    [InlineData("""{"id":"run_y","object":"thread.run","id":"run_x"}""", "run_x")]
    [InlineData("""{"id":"msg_1","object":"thread.message"}""", null)]
    [InlineData("""{"id":"","object":"thread.run"}""", null)]
    [InlineData("""{"id":5,"object":"thread.run"}""", null)]
    [InlineData("""{"id":"run_\u0000","object":"thread.run"}""", null)]
    [InlineData("""{"id":"run_\ud800","object":"thread.run"}""", null)]
    [InlineData("""{"object":"thread.run"}""", null)]
    [InlineData("[", null)]
    [InlineData("12", null)]
    public void What_is_rejected_names_its_run_where_the_id_can_be_read(string item, string? run) => Assert.Equal(run, ReadRejected(item).Run?.Value);
}
