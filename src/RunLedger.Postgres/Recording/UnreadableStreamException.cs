namespace RunLedger.Postgres.Recording;

/// <summary>
/// What is recorded of a run cannot be read, so that nothing can be added to it: a newer version appended to it, or the ledger is damaged. No observation is
/// at fault: the same one is recorded once the run can be read.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="reason">Why it cannot be read.</param>
public sealed class UnreadableStreamException(RunKey run, Exception reason)
    : Exception($"What is recorded of {run.Run} cannot be read by this version: {reason.Message}", reason);
