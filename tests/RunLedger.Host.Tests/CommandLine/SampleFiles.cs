using System.Globalization;
using System.IO.Compression;

namespace RunLedger.Host.Tests.CommandLine;

/// <summary>A directory with inputs, removed at the end.</summary>
public sealed class SampleFiles : IDisposable
{
    private readonly DirectoryInfo _directory = System.IO.Directory.CreateTempSubdirectory("runledger samples ");

    /// <summary>A long value, which is stored apart from its events; with all that is hard to keep.</summary>
    public static string Instructions { get; } = string.Concat(Enumerable.Repeat(@"Be brief.\u0000\ud800 \""", 100));

    /// <summary>
    /// Two runs: one with a captured request, tool calls, a request that comes with a known snapshot, and a late observation; one that ends
    /// twice.
    /// </summary>
    public static IReadOnlyList<string> Lines { get; } =
    [
        Envelope(0, Run("run_1", "queued"), request: """{"kind":"create","body":{"assistant_id":"asst_1","instructions":"…"}}""".Replace("…", Instructions, StringComparison.Ordinal)),
        Envelope(10, Run("run_1", "in_progress", """ "started_at":1700000005 """)),
        Envelope(20, Run("run_1", "requires_action", """ "started_at":1700000005, "required_action":{"type":"submit_tool_outputs","submit_tool_outputs":{"tool_calls":[{"id":"call_1","type":"function","function":{"name":"look_up","arguments":"{\"a\":1e400}"}}]}} """)),
        Envelope(30, Run("run_1", "queued", """ "started_at":1700000005 """), request: """{"kind":"submit_tool_outputs","body":{"tool_outputs":[{"tool_call_id":"call_1","output":"1.0"}]}}"""),
        Envelope(50, Run("run_1", "completed", """ "started_at":1700000040, "completed_at":1700000049, "usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15} """)),
        Envelope(45, Run("run_1", "in_progress", """ "started_at":1700000040 """)),
        Envelope(31, Run("run_1", "queued", """ "started_at":1700000005 """), request: """{"kind":"modify","body":{"metadata":{"team":"blue"}}}"""),
        Run("run_2", "failed", """ "failed_at":1700000002, "last_error":{"code":"server_error","message":"No, \"really\", no."}, "model":"gpt-4o, large" """),
        Run("run_2", "cancelled", """ "cancelled_at":1700000003 """),
    ];

    /// <summary>A run's snapshot.</summary>
    public static string Run(string id, string status, string more = "") =>
        $$"""{"id":"{{id}}","object":"thread.run","created_at":1700000000,"thread_id":"thread_1","assistant_id":"asst_1","model":"gpt-4o","status":"{{status}}","instructions":"{{Instructions}}","temperature":1.0,"metadata":{"team":"blue"}{{(more.Length == 0 ? "" : "," + more.Trim())}}}""";

    /// <summary>The directory itself.</summary>
    public string Directory => _directory.FullName;

    /// <summary>A file with lines.</summary>
    public string Write(string name, params IEnumerable<string> lines)
    {
        var path = Path(name);
        File.WriteAllLines(path, lines);
        return path;
    }

    /// <summary>A file with lines, compressed.</summary>
    public string WriteCompressed(string name, IEnumerable<string> lines)
    {
        var path = Path(name);
        using var file = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest));
        foreach (var line in lines) file.WriteLine(line);
        return path;
    }

    /// <summary>The path of a file that may be there or not.</summary>
    public string Path(string name) => System.IO.Path.Combine(_directory.FullName, name);

    /// <inheritdoc/>
    public void Dispose() => _directory.Delete(recursive: true);

    private static string Envelope(int seconds, string snapshot, string request = "null")
    {
        var time = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'.25Z'", CultureInfo.InvariantCulture);
        return $$"""{"observed_at":"{{time}}","source":"poll","correlation_id":"trace-{{seconds}}","request":{{request}},"snapshot":{{snapshot}}}""";
    }
}
