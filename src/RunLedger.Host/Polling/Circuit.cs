namespace RunLedger.Host.Polling;

/// <summary>
/// Whether an upstream answers at all. When one poll after another fails, it is down: it is left alone for a while, then asked once; the while
/// doubles as long as that fails. One success, and it is up again. For one caller at a time.
/// </summary>
public sealed class Circuit(TimeSpan firstBreak, TimeSpan longestBreak, TimeProvider clock)
{
    /// <summary>How many polls in a row fail before an upstream counts as down.</summary>
    public const int Threshold = 5;

    private int _failures;
    private int _breaks;
    private long _since;
    private long _brokenAt;
    private TimeSpan _break;

    /// <summary>Whether the upstream is down.</summary>
    public bool IsOpen => _breaks > 0;

    /// <summary>How long it is left alone from now; zero or less if it may be asked.</summary>
    public TimeSpan Wait => IsOpen ? _break - clock.GetElapsedTime(_brokenAt) : TimeSpan.Zero;

    /// <summary>How long it has been down.</summary>
    public TimeSpan Down => IsOpen ? clock.GetElapsedTime(_since) : TimeSpan.Zero;

    /// <summary>How many requests it may be sent beside those under way.</summary>
    /// <param name="active">How many are under way.</param>
    /// <param name="most">How many may be under way at once.</param>
    public int Room(int active, int most) => !IsOpen ? most - active : Wait <= TimeSpan.Zero && active == 0 ? 1 : 0;

    /// <summary>Takes note of an answer.</summary>
    /// <returns>Whether the upstream was down until now.</returns>
    public bool Succeeded()
    {
        var wasOpen = IsOpen;
        _failures = _breaks = 0;
        return wasOpen;
    }

    /// <summary>Takes note of a failure.</summary>
    /// <param name="retryAfter">How long the upstream asks to be left alone.</param>
    /// <returns>Whether it is down from now on, and was not before.</returns>
    public bool Failed(TimeSpan? retryAfter)
    {
        // Those that were under way when it went down tell nothing new.
        if (IsOpen && Wait > TimeSpan.Zero) return false;
        if (!IsOpen && ++_failures < Threshold) return false;

        if (!IsOpen) _since = clock.GetTimestamp();
        _break = firstBreak * Math.Pow(2, Math.Min(_breaks, 20));
        if (_break > longestBreak) _break = longestBreak;
        if (retryAfter > _break) _break = retryAfter.Value;
        _brokenAt = clock.GetTimestamp();
        return ++_breaks == 1;
    }
}
