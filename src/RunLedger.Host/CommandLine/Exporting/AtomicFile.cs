namespace RunLedger.Host.CommandLine.Exporting;

/// <summary>
/// A file that appears under its name only when it is whole; until then, and when it is given up, what was there before stays. Devices, pipes and
/// the like are written as they are, never replaced.
/// </summary>
internal sealed class AtomicFile : IAsyncDisposable
{
    private readonly string _path;
    private readonly string? _unfinished;
    private readonly FileStream _stream;
    private bool _kept;

    private AtomicFile(string path, string? unfinished)
    {
        _path = path;
        _unfinished = unfinished;
        _stream = new FileStream(unfinished ?? path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 1 << 16);
    }

    /// <summary>Where to write.</summary>
    public Stream Stream => _stream;

    /// <summary>Begins a file.</summary>
    /// <exception cref="IOException">It cannot be made, e.g. because its directory is not there.</exception>
    public static AtomicFile Create(string path)
    {
        var link = new FileInfo(path).LinkTarget is null ? null : File.ResolveLinkTarget(path, returnFinalTarget: true);
        var final = Path.GetFullPath(link?.FullName ?? path);
        return MayBeReplaced(Path.GetFullPath(path), final)
            ? new AtomicFile(final, $"{final}.{Environment.ProcessId}.unfinished")
            : new AtomicFile(path, null);
    }

    /// <summary>Gives the file its name, once it is on the disk.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        await _stream.FlushAsync(cancellationToken);
        _stream.Flush(flushToDisk: true);
        await _stream.DisposeAsync();
        if (_unfinished is not null) File.Move(_unfinished, _path, overwrite: true);
        _kept = true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        if (!_kept && _unfinished is not null) File.Delete(_unfinished);
    }

    // .NET does not tell a regular file from a device or a pipe. These have no length, and a regular file without one has nothing to lose.
    private static bool MayBeReplaced(string path, string final)
    {
        if (IsOfTheSystem(path) || IsOfTheSystem(final)) return false;
        return !File.Exists(path) || (File.Exists(final) && new FileInfo(final).Length > 0);
    }

    private static bool IsOfTheSystem(string path) => path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal);
}
