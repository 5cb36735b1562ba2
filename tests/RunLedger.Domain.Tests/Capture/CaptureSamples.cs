using System.Text;
using System.Text.Json;
using RunLedger.Domain.Capture;

namespace RunLedger.Domain.Tests.Capture;

/// <summary>Texts that the tests of capture begin with.</summary>
internal static class CaptureSamples
{
    public static readonly CaptureOptions Push = new("push");

    public static readonly CaptureOptions Import = new("import") { AllowExchanges = true };

    public static string Run(string id = "run_1", string more = "") =>
        $$"""{"id":"{{id}}","object":"thread.run","created_at":1700000000,"thread_id":"thread_1","status":"queued"{{more}}}""";

    public static string Response(string id = "resp_1", string status = "completed") =>
        $$"""{"id":"{{id}}","object":"response","created_at":1700000000,"status":"{{status}}","output":[]}""";

    public static string Exchange(string method, string path, string body, string request = "null", int status = 200, string type = "application/json") =>
        $$"""{"n":1,"method":"{{method}}","path":"{{path}}","request":{{request}},"status":{{status}},"content_type":"{{type}}","body":{{body}}}""";

    public static string Events(string text, string path = "/v1/threads/thread_1/runs", string request = "{\"assistant_id\":\"asst_1\"}") =>
        Exchange("POST", path, JsonSerializer.Serialize(text), request, type: "text/event-stream; charset=utf-8");

    public static IReadOnlyList<CapturedItem> Read(string item, CaptureOptions? options = null) => Read(Encoding.UTF8.GetBytes(item), options);

    public static IReadOnlyList<CapturedItem> Read(byte[] item, CaptureOptions? options = null) =>
        ObservationReader.Read(new FramedItem(item, new ItemPointer(1, 1), 0), options ?? Import);

    /// <summary>All that some input shows, framed first.</summary>
    public static IReadOnlyList<CapturedItem> ReadAll(string input, CaptureOptions? options = null) =>
        [.. ItemFraming.Read(Encoding.UTF8.GetBytes(input)).Cast<FramedItem>().SelectMany(item => ObservationReader.Read(item, options ?? Import))];

    public static Observed ReadObserved(string item, CaptureOptions? options = null) => Assert.IsType<Observed>(Assert.Single(Read(item, options)));

    public static Rejected ReadRejected(string item, CaptureOptions? options = null) => Assert.IsType<Rejected>(Assert.Single(Read(item, options)));

    public static Skipped ReadSkipped(string item, CaptureOptions? options = null) => Assert.IsType<Skipped>(Assert.Single(Read(item, options)));
}
