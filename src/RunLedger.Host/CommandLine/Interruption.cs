using System.Runtime.InteropServices;

namespace RunLedger.Host.CommandLine;

/// <summary>Ctrl-C and its like. The first ends the command in good order; the second ends the process at once.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _signal;

    public Interruption() => _registrations =
    [
        .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, Take)),
    ];

    /// <summary>Cancelled when the command is to end.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The exit code of a command that was ended: 130 after Ctrl-C.</summary>
    public int ExitCode => ExitCodes.Signal + _signal;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _source.Dispose();
    }

    private void Take(PosixSignalContext context)
    {
        var number = context.Signal switch
        {
            PosixSignal.SIGHUP => 1,
            PosixSignal.SIGINT => 2,
            _ => 15,
        };
        if (Interlocked.CompareExchange(ref _signal, number, 0) != 0) return;
        context.Cancel = true;
        _source.Cancel();
    }
}
