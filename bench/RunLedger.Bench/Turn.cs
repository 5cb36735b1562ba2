namespace RunLedger.Bench;

/// <summary>
/// A figure and its limit, measured one right after the other: a machine that others share is now fast and now slow for minutes, and that must not
/// count for one of the two. Of several turns the one in the middle stands for all.
/// </summary>
internal readonly record struct Turn(double Figure, double Limit)
{
    public double Ratio => Figure / Limit;
}
