using System.Diagnostics;
using Npgsql;
using RunLedger.Postgres.Embedded;

namespace RunLedger.Bench;

/// <summary>One observation a request, each answered after its commit: from 64 clients against COPY, from one against a bare INSERT.</summary>
internal static class HttpBench
{
    private const int Clients = 64;

    public static async Task RunAsync(EmbeddedPostgres server, FigureTable table, int runsPerClient)
    {
        var connection = await server.CreateDatabaseAsync("bench_http");
        var (rate, lone) = await MeasureAsync(connection, "npgsql", runsPerClient);
        await using var dataSource = NpgsqlDataSource.Create(connection);
        var copy = await Limits.CopyAsync(dataSource, 50_000);
        table.Add("(b) one observation a request, 64 clients, against COPY of the same event rows", rate, copy, "events/s", "≥ 0.17");
        var insert = await Limits.InsertAsync(dataSource);
        table.Add("(b) one observation a request, a lone client, median, against a bare INSERT and COMMIT", lone, insert, "ms", "≤ 3.00");
    }

    /// <summary>Events a second from 64 clients, the best of three; and the median of a lone client in milliseconds.</summary>
    public static async Task<(double Rate, double Lone)> MeasureAsync(string connection, string engine, int runsPerClient)
    {
        await using var host = await HostProcess.ServeAsync(connection, engine);
        await using var dataSource = NpgsqlDataSource.Create(connection);
        for (var warmUp = 0; warmUp < 2; warmUp++) Record(host, $"warm{warmUp}_", runsPerClient / 2);

        var best = 0.0;
        for (var round = 0; round < 3; round++)
        {
            var before = await Limits.NumberAsync(dataSource, "select count(*) from runledger.mt_events");
            var seconds = Record(host, $"many{round}_", runsPerClient);
            best = Math.Max(best, (await Limits.NumberAsync(dataSource, "select count(*) from runledger.mt_events") - before) / seconds);
        }
        return (best, LoneMedian(host));
    }

    private static double Record(HostProcess host, string prefix, int runsPerClient)
    {
        var workload = new Workload(Clients * runsPerClient, 6, 800, 20, prefix);
        var requests = Enumerable.Range(0, Clients).Select(client => Requests(workload, client, runsPerClient)).ToList();
        var sockets = Enumerable.Range(0, Clients).Select(_ => new HttpClientSocket()).ToList();
        foreach (var socket in sockets) socket.Connect(host.Port);

        var started = Stopwatch.GetTimestamp();
        HttpClientSocket.SendAll(sockets, requests, "recorded");
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        foreach (var socket in sockets) socket.Dispose();
        return seconds;
    }

    private static List<byte[]> Requests(Workload workload, int client, int runs) =>
        [.. from run in Enumerable.Range(client * runs, runs)
            from poll in Enumerable.Range(0, workload.PollsPerRun)
            select HttpClientSocket.Push(workload.Envelope(run, poll))];

    private static double LoneMedian(HostProcess host)
    {
        var workload = new Workload(500, 6, 800, 20, "lone");
        using var socket = new HttpClientSocket();
        socket.Connect(host.Port);
        var times = new List<double>();
        foreach (var envelope in workload.Envelopes())
        {
            var request = HttpClientSocket.Push(envelope);
            var started = Stopwatch.GetTimestamp();
            socket.Send(request, "recorded");
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        return Limits.Median(times.Skip(500));
    }
}
