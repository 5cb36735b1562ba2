namespace RunLedger.Host.Proxy.Copying;

/// <summary>Why something that passed was not observed.</summary>
internal enum MissReason
{
    /// <summary>It is larger than <see cref="ProxyOptions.LargestCopy"/>.</summary>
    TooLarge,

    /// <summary>What waits to be recorded takes all that <see cref="ProxyOptions.MostWaiting"/> allows.</summary>
    NoRoom,

    /// <summary>It did not pass whole.</summary>
    BrokenOff,

    /// <summary>It is compressed in an unknown way, or not in the way that it says.</summary>
    Undecodable,

    /// <summary>The ledger did not record it.</summary>
    NotRecorded,
}
