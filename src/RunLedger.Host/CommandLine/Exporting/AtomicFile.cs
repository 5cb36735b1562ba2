namespace RunLedger.Host.CommandLine.Exporting;

/// <summary>A file that appears under its name only when it is whole; until then, and when it is given up, what was there before stays.</summary>
internal sealed class AtomicFile : IAsyncDisposable
{
    private readonly string _path;
    private readonly string _unfinished;
    private readonly FileStream _stream;
    private bool _kept;

    private AtomicFile(string path)
    {
        _path = path;
        _unfinished = $"{path}.{Environment.ProcessId}.unfinished";
        _stream = new FileStream(_unfinished, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1 << 16, useAsync: true);
    }

    /// <summary>Where to write.</summary>
    public Stream Stream => _stream;

    /// <summary>Begins a file.</summary>
    /// <exception cref="IOException">It cannot be made, e.g. because its directory is not there.</exception>
    public static AtomicFile Create(string path) => new(Path.GetFullPath(path));

    /// <summary>Gives the file its name, once it is on the disk.</summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        await _stream.FlushAsync(cancellationToken);
        _stream.Flush(flushToDisk: true);
        await _stream.DisposeAsync();
        File.Move(_unfinished, _path, overwrite: true);
        _kept = true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        if (!_kept) File.Delete(_unfinished);
    }
}
