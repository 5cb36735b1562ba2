using System.Diagnostics.Metrics;
using RunLedger.Host.Proxy.Copying;

namespace RunLedger.Host.Proxy;

/// <summary>What the proxy measures, under the meter <c>RunLedger</c>.</summary>
internal static class ProxyMetrics
{
    private static readonly Meter Meter = new("RunLedger");

    private static readonly Counter<long> Requests = Meter.CreateCounter<long>(
        "runledger.proxy.requests", "{request}", "Requests that were forwarded, by outcome.");

    private static readonly Counter<long> Unobserved = Meter.CreateCounter<long>(
        "runledger.proxy.unobserved", "{copy}", "Bodies and events that passed and were not observed, by reason.");

    public static void Forwarded(ForwardOutcome outcome) => Requests.Add(1, KeyValuePair.Create<string, object?>("outcome", outcome switch
    {
        ForwardOutcome.Passed => "passed",
        ForwardOutcome.ClientGone => "client_gone",
        ForwardOutcome.BrokenOff => "broken_off",
        ForwardOutcome.TimedOut => "timed_out",
        _ => "unreachable",
    }));

    public static void Missed(MissReason reason, int count) => Unobserved.Add(count, KeyValuePair.Create<string, object?>("reason", reason switch
    {
        MissReason.TooLarge => "too_large",
        MissReason.NoRoom => "no_room",
        MissReason.BrokenOff => "broken_off",
        MissReason.Undecodable => "undecodable",
        _ => "not_recorded",
    }));
}

/// <summary>What became of a request that was to be forwarded.</summary>
internal enum ForwardOutcome
{
    /// <summary>The answer went to the client, whole.</summary>
    Passed,

    /// <summary>The client went before the answer was whole.</summary>
    ClientGone,

    /// <summary>The upstream ended its answer before it was whole.</summary>
    BrokenOff,

    /// <summary>The upstream could not be reached in time.</summary>
    TimedOut,

    /// <summary>The upstream could not be reached, or ended the connection before it answered.</summary>
    Unreachable,
}
