using RunLedger.Postgres.Replay;

namespace RunLedger.Host.CommandLine.Replay;

/// <summary>Says what a rebuild takes of disk, and whether it is there.</summary>
internal static class DiskText
{
    /// <summary>One sentence.</summary>
    public static string Of(RebuildTarget target, DiskNeed need)
    {
        var needs = $"Rebuilding {target} needs about {Sizes.Text(need.Bytes)} of disk until the switch";
        return need switch
        {
            { Free: not { } } => $"{needs}; what is free on the server cannot be known from here.",
            { IsShort: true } => $"{needs}, of which {Sizes.Text(need.Free.Value)} are free in {need.Directory}.",
            _ => $"{needs}; {Sizes.Text(need.Free.Value)} are free in {need.Directory}.",
        };
    }
}
