using System.Text;

namespace RunLedger.Postgres.Embedded;

/// <summary>The file that the server's standard error is appended to.</summary>
internal static class ServerLog
{
    private const int LastLines = 15;

    /// <summary>The last lines that were written behind a position, in bytes.</summary>
    public static async Task<string> TailAsync(string path, long from, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            return "";

        await using var file = Open(path, FileAccess.Read);
        const int enough = 16 * 1024;
        file.Position = Math.Max(Math.Min(from, file.Length), file.Length - enough);
        using var reader = new StreamReader(file, Encoding.UTF8);
        var lines = (await reader.ReadToEndAsync(cancellationToken)).TrimEnd().Split('\n');
        return string.Join('\n', lines.TakeLast(LastLines));
    }

    /// <summary>The log's length in bytes; 0 where there is none.</summary>
    public static long Length(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    /// <summary>
    /// Sets a log aside that has grown beyond the limit. The server keeps the file open for appending, so the file is copied and emptied,
    /// not renamed; a line written between the two is lost.
    /// </summary>
    public static async Task BoundAsync(string path, long limit, CancellationToken cancellationToken)
    {
        if (Length(path) <= limit)
            return;

        await using var log = Open(path, FileAccess.ReadWrite);
        File.Delete(path + ".1");
        await using (var aside = File.Create(path + ".1"))
            await log.CopyToAsync(aside, cancellationToken);
        log.SetLength(0);
    }

    private static FileStream Open(string path, FileAccess access) =>
        new(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete);
}
