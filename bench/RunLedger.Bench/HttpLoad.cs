using System.Diagnostics;
using Npgsql;

namespace RunLedger.Bench;

/// <summary>A host as users run it, and clients that send it one observation a request.</summary>
internal sealed class HttpLoad : IAsyncDisposable
{
    /// <summary>How many clients there are when there are many.</summary>
    public const int Clients = 64;

    // Some ten seconds: until then the host compiles again what turned out to be used much.
    private const int WarmUps = 12;

    private readonly HostProcess _host;
    private readonly NpgsqlDataSource _dataSource;
    private readonly int _runsPerClient;
    private int _workloads;

    private HttpLoad(HostProcess host, NpgsqlDataSource dataSource, int runsPerClient)
    {
        _host = host;
        _dataSource = dataSource;
        _runsPerClient = runsPerClient;
    }

    /// <summary>Starts a host and warms it up until its code is as fast as it gets.</summary>
    public static async Task<HttpLoad> StartAsync(string connection, string engine, int runsPerClient)
    {
        var load = new HttpLoad(await HostProcess.ServeAsync(connection, engine), NpgsqlDataSource.Create(connection), runsPerClient);
        try
        {
            for (var warmUp = 0; warmUp < WarmUps; warmUp++) load.Record();
            return load;
        }
        catch
        {
            await load.DisposeAsync(); // The host is a process, and would outlive this one.
            throw;
        }
    }

    /// <summary>Has many clients record new runs: events a second.</summary>
    public async Task<double> RateAsync()
    {
        await Measuring.CheckpointAsync(_dataSource);
        var before = await EventsAsync();
        var seconds = Record();
        return (await EventsAsync() - before) / seconds;
    }

    /// <summary>Has one client record new runs: the median time of a request in milliseconds.</summary>
    public double LoneMedian(int requests)
    {
        var workload = new Workload(requests / Workload.ChangesPerRun, Workload.ChangesPerRun, 800, 20, $"lone{_workloads++}_");
        using var socket = new HttpClientSocket();
        socket.Connect(_host.Port);
        var times = new List<double>(requests);
        foreach (var envelope in workload.Envelopes())
        {
            var request = HttpClientSocket.Push(envelope);
            var started = Stopwatch.GetTimestamp();
            socket.Send(request, "recorded");
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        return Measuring.Median(times);
    }

    public async ValueTask DisposeAsync()
    {
        await _dataSource.DisposeAsync();
        await _host.DisposeAsync();
    }

    private double Record()
    {
        var workload = new Workload(Clients * _runsPerClient, Workload.ChangesPerRun, 800, 20, $"many{_workloads++}_");
        var requests = Enumerable.Range(0, Clients).Select(client => Requests(workload, client)).ToList();
        var sockets = Enumerable.Range(0, Clients).Select(_ => new HttpClientSocket()).ToList();
        foreach (var socket in sockets) socket.Connect(_host.Port);

        var started = Stopwatch.GetTimestamp();
        HttpClientSocket.SendAll(sockets, requests, "recorded");
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        foreach (var socket in sockets) socket.Dispose();
        return seconds;
    }

    private List<byte[]> Requests(Workload workload, int client) =>
        [.. from run in Enumerable.Range(client * _runsPerClient, _runsPerClient)
            from poll in Enumerable.Range(0, workload.PollsPerRun)
            select HttpClientSocket.Push(workload.Envelope(run, poll))];

    private Task<long> EventsAsync() => Measuring.NumberAsync(_dataSource, "select count(*) from runledger.mt_events");
}
