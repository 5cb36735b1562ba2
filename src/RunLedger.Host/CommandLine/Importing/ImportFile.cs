using System.IO.Compression;

namespace RunLedger.Host.CommandLine.Importing;

/// <summary>One input of an import: a file, or stdin. What is compressed with gzip is unpacked, whatever its name is.</summary>
internal sealed class ImportFile : IAsyncDisposable
{
    private static readonly byte[] GzipMark = [0x1F, 0x8B];

    private readonly string _path;
    private readonly Stream _source;

    private ImportFile(string path, Stream source, Stream items) => (_path, _source, Items) = (path, source, items);

    /// <summary>The file's path as it was given, by which its items can be found again; null for stdin.</summary>
    public string? Path => _path == "-" ? null : _path;

    /// <summary>The name for messages.</summary>
    public string Name => NameOf(_path);

    /// <summary>The items' text.</summary>
    public Stream Items { get; }

    /// <summary>How many bytes of the source have been read, compressed ones where it is compressed; null where that is not known.</summary>
    public long? BytesRead => _source is FileStream { CanSeek: true } file ? file.Position : null;

    /// <summary>The name for messages of what a path stands for.</summary>
    public static string NameOf(string path) => path == "-" ? "stdin" : path;

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
            var text = await PeekedStream.OpenAsync(source, GzipMark.Length, cancellationToken);
            return new ImportFile(path, source, text.First.Span.SequenceEqual(GzipMark) ? new GZipStream(text, CompressionMode.Decompress) : text);
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
        await Items.DisposeAsync();
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
