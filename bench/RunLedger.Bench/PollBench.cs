using System.Diagnostics;
using RunLedger.Postgres.Embedded;

namespace RunLedger.Bench;

/// <summary>Polls that show nothing new against polls that do: pages of 100 runs a request from four clients, as a list call gives them.</summary>
internal static class PollBench
{
    private const int Clients = 4;
    private const int PageSize = 100;

    public static async Task RunAsync(EmbeddedPostgres server, FigureTable table, int rounds)
    {
        var connection = await server.CreateDatabaseAsync("bench_polls");
        var (recorded, unchanged) = await MeasureAsync(connection, "npgsql", rounds);
        table.Add("(c) polls that show nothing new, pages of 100 runs, against polls that do", unchanged, recorded, "observations/s", "≥ 5.00");
    }

    /// <summary>Observations a second that show something new, and that do not.</summary>
    public static async Task<(double Recorded, double Unchanged)> MeasureAsync(string connection, string engine, int rounds)
    {
        await using var host = await HostProcess.ServeAsync(connection, engine);
        Measure(host, "warm", rounds);
        return Measure(host, "poll", rounds);
    }

    private static (double Recorded, double Unchanged) Measure(HostProcess host, string prefix, int rounds)
    {
        var sockets = Enumerable.Range(0, Clients).Select(_ => new HttpClientSocket()).ToList();
        foreach (var socket in sockets) socket.Connect(host.Port);
        var (recordedSeconds, unchangedSeconds) = (0.0, 0.0);
        for (var round = 0; round < rounds; round++)
        {
            var workload = new Workload(Clients * PageSize, 6, 800, 20, $"{prefix}{round}_");
            for (var poll = 0; poll < workload.PollsPerRun; poll++)
            {
                var pages = Enumerable.Range(0, Clients).Select(client => new[] { Page(workload, client, poll) }).ToList();
                recordedSeconds += Send(sockets, pages, "recorded");
                for (var again = 0; again < 5; again++) unchangedSeconds += Send(sockets, pages, "unchanged");
            }
        }
        foreach (var socket in sockets) socket.Dispose();
        var observations = rounds * 6.0 * Clients * PageSize;
        return (observations / recordedSeconds, observations * 5 / unchangedSeconds);
    }

    private static double Send(List<HttpClientSocket> sockets, List<byte[][]> pages, string outcome)
    {
        var started = Stopwatch.GetTimestamp();
        HttpClientSocket.SendAll(sockets, pages, outcome);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static byte[] Page(Workload workload, int client, int poll) =>
        HttpClientSocket.Push(
        [
            .. "["u8,
            .. Enumerable.Range(client * PageSize, PageSize).SelectMany(run => (byte[])[.. workload.Envelope(run, poll), (byte)',']).SkipLast(1),
            .. "]"u8,
        ]);
}
