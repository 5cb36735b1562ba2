using System.IO.Compression;
using RunLedger.Host.CommandLine.Exporting;

namespace RunLedger.Host.CommandLine.Importing;

/// <summary>One input of an import: a file, or stdin. What is compressed with gzip is unpacked, whatever its name is.</summary>
internal sealed class ImportFile : IAsyncDisposable
{
    private static readonly byte[] GzipMark = [0x1F, 0x8B];

    // Enough to see what an input is: a byte order mark, blanks, and the beginning of its first item.
    private const int Looked = 4_096;

    private readonly Stream _source;
    private readonly PeekedStream _items;

    private ImportFile(string name, Stream source, PeekedStream items) => (Name, _source, _items) = (name, source, items);

    /// <summary>The name for messages.</summary>
    public string Name { get; }

    /// <summary>The items' text.</summary>
    public Stream Items => _items;

    /// <summary>Whether the first item is a line of an export of events.</summary>
    public bool HoldsEvents
    {
        get
        {
            var text = _items.First.Span;
            if (text.StartsWith("\uFEFF"u8)) text = text[3..];
            return EventLine.IsMeant(text.TrimStart(" \t\r\n"u8));
        }
    }

    /// <summary>How many bytes of the source have been read, compressed ones where it is compressed; null where that is not known.</summary>
    public long? BytesRead => _source is FileStream { CanSeek: true } file ? file.Position : null;

    /// <summary>The sizes of all these files together, in bytes; null if one of them has none.</summary>
    /// <exception cref="ProblemException">One of them is not there, or is no file.</exception>
    public static long? TotalSize(IEnumerable<string> paths)
    {
        long? total = 0;
        foreach (var path in paths)
        {
            if (path == "-") total = null;
            else if (Directory.Exists(path)) throw new ProblemException($"{path} is a directory: name the files in it.");
            else if (!File.Exists(path)) throw new ProblemException($"{path} is not there.");
            else total += new FileInfo(path).Length;
        }
        return total;
    }

    /// <summary>Opens a file, or stdin for <c>-</c>.</summary>
    /// <exception cref="ProblemException">It cannot be opened.</exception>
    public static async Task<ImportFile> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var source = OpenSource(path);
        try
        {
            Stream items = await PeekedStream.OpenAsync(source, GzipMark.Length, cancellationToken);
            if (((PeekedStream)items).First.Span.SequenceEqual(GzipMark)) items = new GZipStream(items, CompressionMode.Decompress);
            return new ImportFile(path == "-" ? "stdin" : path, source, await PeekedStream.OpenAsync(items, Looked, cancellationToken));
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _items.DisposeAsync();
        await _source.DisposeAsync();
    }

    private static Stream OpenSource(string path)
    {
        if (path == "-") return Console.OpenStandardInput();
        try
        {
            return new FileStream(path, new FileStreamOptions { Options = FileOptions.SequentialScan, BufferSize = 1 << 17 });
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException($"{path} cannot be read: {failure.Message}");
        }
    }
}
