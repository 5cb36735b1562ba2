using System.Text;
using System.Text.Json;
using RunLedger.Domain.Capture;
using RunLedger.Domain.Observations;
using static RunLedger.Domain.Tests.Capture.CaptureSamples;

namespace RunLedger.Domain.Tests.Capture;

public class ExchangeTests
{
    [Theory]
    [InlineData("POST", "/v1/threads/thread_1/runs", RequestKind.Create)]
    [InlineData("post", "/v1/threads/thread_1/runs?include[]=a/b", RequestKind.Create)]
    [InlineData("POST", "/v1/threads/runs", RequestKind.Create)]
    [InlineData("POST", "/openai/responses/", RequestKind.Create)]
    [InlineData("POST", "https://api.example.com/v1/responses", RequestKind.Create)]
    [InlineData("POST", "/v1/threads/thread_1/runs/run_1/submit_tool_outputs", RequestKind.SubmitToolOutputs)]
    [InlineData("POST", "/v1/threads/thread_1/runs/run_1", RequestKind.Modify)]
    [InlineData("POST", "/v1/threads/thread_1/runs/run_1/cancel", null)]
    [InlineData("POST", "/v1/responses/resp_1/cancel", null)]
    [InlineData("GET", "/v1/threads/thread_1/runs/run_1", null)]
    public void The_answer_is_observed_with_the_request_that_made_it(string method, string path, RequestKind? kind)
    {
        var observation = ReadObserved(Exchange(method, path, Run(), "{\"metadata\": {}}")).Observation;
        Assert.Equal((TimeBasis.Assumed, "import"), (observation.Basis, observation.Source));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1700000000), observation.ObservedAt);
        Assert.Equal(kind, observation.Request?.Kind);
        Assert.Equal(kind is null ? null : "{\"metadata\": {}}", observation.Request?.Body.ToString());
    }

    [Fact]
    public void A_request_without_a_body_is_not_captured() =>
        Assert.Null(ReadObserved(Exchange("POST", "/v1/responses", Response())).Observation.Request);

    [Theory]
    [InlineData("{\"error\":{}}", 404, "error answer 404")]
    [InlineData("\"busy\"", 503, "error answer 503")]
    [InlineData("null", 304, "answer 304")]
    [InlineData("null", 200, "an answer without a body")]
    [InlineData("[1]", 200, "not a run but an answer that is no JSON object")]
    [InlineData("[]", 200, "not a run but an answer that is no JSON object")]
    [InlineData("\"  \"", 200, "an answer without a body")]
    [InlineData("\"id, status\"", 200, "not a run but an answer that is no JSON object")]
    [InlineData("\"\\udc80\\u0000\"", 200, "not a run but an answer that is no JSON object")]
    [InlineData("\"{\\\"object\\\":\\\"thread\\\"}\"", 200, "not a run but thread")]
    [InlineData("{\"object\":\"page\",\"data\":[{\"object\":\"file\"}]}", 200, "not a run but page")]
    [InlineData("{\"data\":[]}", 200, "not a run but an object that names no type")]
    [InlineData("\"text\"", 200, "not a run but an answer that is no JSON object")]
    [InlineData("{\"object\":\"response.deleted\",\"deleted\":true}", 200, "a deletion")]
    [InlineData(" {\"id\":\"resp_1\",\"object\":\"response\",\"deleted\":true}", 200, "a deletion")]
    [InlineData("{\"object\":\"thread.run.step\"}", 200, "not a run but thread.run.step")]
    [InlineData("{\"object\":\"response.input_tokens\"}", 200, "not a run but response.input_tokens")]
    [InlineData("{\"type\":\"message\"}", 200, "not a run but message")]
    [InlineData("{}", 200, "not a run but an object that names no type")]
    [InlineData("{\"object\":\"list\",\"data\":[]}", 200, "an empty list")]
    public void An_answer_that_shows_no_run_is_skipped_with_a_reason(string body, int status, string reason) =>
        Assert.Equal(reason, ReadSkipped(Exchange("GET", "/v1/x", body, status: status)).Reason);

    [Theory]
    [InlineData("GET", 204, "answer without a body")]
    [InlineData("GET", 404, "error answer 404")]
    public void An_answer_that_has_no_body_need_not_have_the_field(string method, int status, string reason) =>
        Assert.Contains(reason, ReadSkipped($$"""{"method":"{{method}}","path":"/v1/x","status":{{status}}}""").Reason, StringComparison.Ordinal);

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/event-stream")]
    [InlineData("application/octet-stream")]
    [InlineData("")]
    public void What_an_answer_is_shows_in_its_body_whatever_its_media_type(string type)
    {
        var stream = $"event: thread.run.created\ndata: {Run()}\n\n";
        string[] bodies = [Run(), JsonSerializer.Serialize(Run()), JsonSerializer.Serialize($"\uFEFF\r\n{Run()}\n"), JsonSerializer.Serialize(stream)];
        foreach (var body in bodies)
        {
            var observation = ReadObserved(Exchange("POST", "/v1/threads/thread_1/runs", body, "{}", type: type)).Observation;
            Assert.Equal(("run_1", RequestKind.Create), (observation.Snapshot.Id.Value, observation.Request?.Kind));
        }
    }

    [Theory]
    [InlineData("\"content_type\":null,")]
    [InlineData("\"content_type\":\" text/event-stream\",")]
    [InlineData("")]
    public void A_stream_needs_no_media_type(string field) =>
        ReadObserved($$"""{"method":"GET","path":"/","status":"200",{{field}}"body":{{JsonSerializer.Serialize($": ping\n\ndata: {Run()}")}}}""");

    [Theory]
    [InlineData("[{0}]", "body")]
    [InlineData("""{"data":[{0}],"has_more":false}""", "data")]
    [InlineData("""{"object":"page","data":[{0}]}""", "data")]
    public void Runs_in_an_array_are_found_without_the_word_list(string body, string array)
    {
        string[] texts = [body, JsonSerializer.Serialize(body.Replace("{0}", $"{Run()},5,{Response()}", StringComparison.Ordinal))];
        foreach (var text in texts)
        {
            var items = Read(Exchange("GET", "/v1/threads/t/runs", text.Replace("{0}", $"{Run()},5,{Response()}", StringComparison.Ordinal)));
            Assert.Equal([$"item 1, {array}[0]", $"item 1, {array}[1]", $"item 1, {array}[2]"], items.Select(item => item.At.ToString()));
            Assert.Equal(["run_1", "resp_1"], items.OfType<Observed>().Select(item => item.Observation.Snapshot.Id.Value));
        }
    }

    [Theory]
    [InlineData("{\"object\":\"thread\"", "body: is not valid JSON at byte 19")]
    [InlineData("[{\"object\":", "body: is not valid JSON at byte 12")]
    [InlineData("[\n1,\n}", "body: is not valid JSON at byte 1 of its line 3")]
    public void Text_that_breaks_off_is_rejected_with_the_whole_exchange(string body, string reason)
    {
        var exchange = Exchange("GET", "/", JsonSerializer.Serialize(body));
        var rejected = ReadRejected(exchange);
        Assert.Equal(exchange, Encoding.UTF8.GetString(rejected.Raw.Span));
        Assert.Equal(reason, $"{rejected.Defect.Field}: {rejected.Defect.Reason}");
    }

    [Fact]
    public void A_list_in_an_answer_is_read_element_by_element()
    {
        var items = Read(Exchange("GET", "/v1/threads/t/runs",
            $$"""{"object":"list","data":[{{Run()}},{"object":"thread.message"},{"object":"thread.run","id":5},7,{{Response()}}]}"""));
        Assert.Equal(["run_1", "resp_1"], items.OfType<Observed>().Select(item => item.Observation.Snapshot.Id.Value));
        Assert.Equal(["not a run but thread.message", "not a run: it is a number, not a JSON object"], items.OfType<Skipped>().Select(item => item.Reason));
        var rejected = Assert.Single(items.OfType<Rejected>());
        Assert.Equal(("item 1, data[2]", "id"), (rejected.At.ToString(), rejected.Defect.Field));
        Assert.Equal("{\"object\":\"thread.run\",\"id\":5}", Encoding.UTF8.GetString(rejected.Raw.Span));
    }

    [Fact]
    public void A_run_that_cannot_be_is_rejected_with_the_whole_exchange()
    {
        var exchange = Exchange("POST", "/v1/threads/t/runs", "{\"object\":\"thread.run\",\"id\":\"run_1\"}", "{}");
        var rejected = ReadRejected(exchange);
        Assert.Equal(("body.thread_id", exchange), (rejected.Defect.Field, Encoding.UTF8.GetString(rejected.Raw.Span)));
    }

    [Theory]
    [InlineData("{\"path\":\"/\",\"status\":200,\"body\":null}", "method")]
    [InlineData("{\"method\":1,\"path\":\"/\",\"status\":200,\"body\":null}", "method")]
    [InlineData("{\"method\":\"GET\",\"status\":200,\"body\":null}", "path")]
    [InlineData("{\"method\":\"GET\",\"path\":[],\"status\":200,\"body\":null}", "path")]
    [InlineData("{\"method\":\"GET\",\"path\":\"/\",\"body\":null}", "status")]
    [InlineData("{\"method\":\"GET\",\"path\":\"/\",\"status\":\"ok\",\"body\":null}", "status")]
    [InlineData("{\"method\":\"GET\",\"path\":\"/\",\"status\":\"2000\",\"body\":null}", "status")]
    [InlineData("{\"method\":\"GET\",\"path\":\"/\",\"status\":20.5,\"body\":null}", "status")]
    [InlineData("{\"method\":\"GET\",\"path\":\"/\",\"status\":200}", "body")]
    [InlineData("{\"method\":\"GET\",\"path\":\"/\",\"status\":200,\"body\":null,\"content_type\":5}", "content_type")]
    [InlineData("{\"method\":\"GET\",\"path\":\"/\",\"status\":200,\"body\":\"{\\ud800\"}", "body")]
    [InlineData("{\"method\":\"GET\",\"path\":\"/\",\"status\":200,\"body\":\"data: \\ud800\",\"content_type\":\"text/event-stream\"}", "body")]
    [InlineData("{\"method\":\"GET\",\"path\":\"/\",\"status\":200,\"body\":{\"object\":\"list\"}}", "body.data")]
    public void A_malformed_exchange_is_rejected_with_the_field_at_fault(string exchange, string field) =>
        Assert.Equal(field, ReadRejected(exchange).Defect.Field);

    [Fact]
    public void Exchanges_are_taken_only_where_they_are_allowed() =>
        Assert.Contains("can only be imported", ReadRejected(Exchange("GET", "/", Run()), Push).Defect.Reason);

    [Fact]
    public void A_captured_exchange_is_read_like_a_recorded_one()
    {
        var exchange = new Exchange("GET", "/v1/responses/resp_1", null, 200, "application/json", Encoding.UTF8.GetBytes(Response()));
        var observed = Assert.IsType<Observed>(Assert.Single(ObservationReader.ReadExchange(exchange, default, new CaptureOptions("proxy"))));
        Assert.Equal(("resp_1", "proxy"), (observed.Observation.Snapshot.Id.Value, observed.Observation.Source));
    }
}
