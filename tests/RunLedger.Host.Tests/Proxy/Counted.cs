using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace RunLedger.Host.Tests.Proxy;

/// <summary>What the proxy counts while this listens, by the counter's tag.</summary>
internal sealed class Counted : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _sums = new();
    private readonly MeterListener _listener = new();

    public Counted(string counter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == counter) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) => _sums.AddOrUpdate((string)tags[0].Value!, value, (_, sum) => sum + value));
        _listener.Start();
    }

    public long this[string tag] => _sums.GetValueOrDefault(tag);

    public void Dispose() => _listener.Dispose();
}
