namespace RunLedger.Simulator;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators). Written out here so that a seed means the
/// same on every runtime. Each purpose and ordinal has a sequence of its own: what one run draws never moves another.
/// </summary>
internal sealed class SeededRandom(int seed, string purpose, long ordinal)
{
    private const string Alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private ulong _state = Mix(Mix((ulong)seed ^ Hash(purpose)) + (ulong)ordinal);

    /// <summary>A number from 0 up to, not including, 1.</summary>
    public double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>, both included.</summary>
    public int Between(int least, int most) => least + (int)(Next() % (ulong)(most - least + 1));

    public TimeSpan Seconds(double least, double most) => TimeSpan.FromSeconds(least + (Fraction() * (most - least)));

    public bool Chance(double probability) => Fraction() < probability;

    public T Pick<T>(IReadOnlyList<T> items) => items[Between(0, items.Count - 1)];

    /// <summary>An id as the service makes them: the prefix, an underscore and 24 letters or digits.</summary>
    public string Id(string prefix) =>
        prefix + "_" + string.Create(24, this, static (id, random) =>
        {
            foreach (ref var letter in id)
            {
                letter = Alphanumeric[random.Between(0, Alphanumeric.Length - 1)];
            }
        });

    private ulong Next() => Mix(_state += 0x9E3779B97F4A7C15);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    // FNV-1a; string.GetHashCode differs from process to process.
    private static ulong Hash(string text) =>
        text.Aggregate(14695981039346656037UL, (hash, letter) => (hash ^ letter) * 1099511628211UL);
}
