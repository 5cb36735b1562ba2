using System.Text;
using RunLedger.Domain.Observations;
using RunLedger.Postgres.Recording;

namespace RunLedger.Contract.Samples;

/// <summary>Makes observations of JSON texts.</summary>
public static class Observed
{
    /// <summary>The second from which tests count.</summary>
    public static DateTimeOffset Epoch { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static DateTimeOffset At(double second) => Epoch + TimeSpan.FromSeconds(second);

    /// <summary>A snapshot, seen so many seconds after the epoch.</summary>
    public static Submission.Observed Seen(this TenantId tenant, object json, double second, TimeBasis basis = TimeBasis.Stated) =>
        new(tenant, new Observation(Snapshot($"{json}"), At(second), basis, "test"), $"at {second}");

    public static Snapshot Snapshot(string json)
    {
        var read = Domain.Observations.Snapshot.Read(Encoding.UTF8.GetBytes(json));
        Assert.True(read.Value is not null, $"{read.Defect}: {json}");
        return read.Value;
    }
}
